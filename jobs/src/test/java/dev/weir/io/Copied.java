package dev.weir.io;

import dev.weir.playbook.Playbook;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What travels to each subtask as bytes, copied as often as there are subtasks. The playbook and its conditions never change,
 * so all copies share them; to read and compile them for each would take most of a simulated life.
 */
final class Copied<T> {
    private final T original;
    private final byte[] bytes;
    private final List<Object> shared = new ArrayList<>();

    /** Stands in the bytes for what is shared. */
    private record Place(int index) implements Serializable {}

    Copied(T original) {
        this.original = original;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Writer writer = new Writer(out)) {
            writer.writeObject(original);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        bytes = out.toByteArray();
    }

    T original() {
        return original;
    }

    @SuppressWarnings("unchecked")
    T copy() throws IOException, ClassNotFoundException {
        try (Reader reader = new Reader(new ByteArrayInputStream(bytes))) {
            return (T) reader.readObject();
        }
    }

    private static boolean neverChanges(Object object) {
        return object instanceof Conditions || object.getClass().getPackage() == Playbook.class.getPackage();
    }

    private final class Writer extends ObjectOutputStream {
        Writer(OutputStream out) throws IOException {
            super(out);
            enableReplaceObject(true);
        }

        @Override
        protected Object replaceObject(Object object) {
            if (!neverChanges(object)) {
                return object;
            }
            shared.add(object);
            return new Place(shared.size() - 1);
        }
    }

    private final class Reader extends ObjectInputStream {
        Reader(InputStream in) throws IOException {
            super(in);
            enableResolveObject(true);
        }

        @Override
        protected Object resolveObject(Object object) {
            return object instanceof Place place ? shared.get(place.index) : object;
        }
    }
}
