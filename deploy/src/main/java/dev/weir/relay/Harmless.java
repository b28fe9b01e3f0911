package dev.weir.relay;

/** Text of events, which anybody may have written, for places where some characters command. */
final class Harmless {
    private Harmless() {}

    /**
     * One line: what is not to be seen (controls, marks that turn the direction of writing, ends of lines) becomes a space.
     *
     * @param most characters; what is longer ends in an ellipsis
     */
    static String line(String text, int most) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> line.appendCodePoint(isSeen(c) ? c : ' '));
        String stripped = line.toString().strip();
        if (stripped.length() <= most) {
            return stripped;
        }
        int end = Character.isHighSurrogate(stripped.charAt(most - 2)) ? most - 2 : most - 1;
        return stripped.substring(0, end) + "…";
    }

    private static boolean isSeen(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** The three characters by which Slack's text commands. */
    static String slack(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
