package dev.weir.relay;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;

/**
 * Which hosts may be connected to: those of the public internet, and those on private addresses that are named. The name is
 * resolved once and what it resolved to is what is connected to, so a name cannot be public when asked and private when used.
 *
 * @param named hosts that may be at private addresses, in lower case
 */
record Hosts(Set<String> named) {

    /** Its addresses; refused when one of them is private and the host is not named. */
    InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] addresses = InetAddress.getAllByName(host);
        for (InetAddress address : addresses) {
            check(host, address);
        }
        return addresses;
    }

    void check(String host, InetAddress address) throws UnknownHostException {
        if (!isNamed(host) && !isPublic(address)) {
            throw new UnknownHostException(host + " is at the private address " + address.getHostAddress()
                    + "; name it under private_hosts if that is meant");
        }
    }

    boolean isNamed(String host) {
        return named.contains(host.toLowerCase(java.util.Locale.ROOT));
    }

    /** Whether an address is one of the public internet; those that stand for another address are taken as not. */
    static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (address instanceof Inet4Address) {
            return first != 0
                    && first < 240
                    && !(first == 100 && (second & 0xc0) == 64) // shared by carriers
                    && !(first == 192 && second == 0) // protocols, documentation, 6to4 relays among them
                    && !(first == 198 && (second & 0xfe) == 18); // measurements
        }
        // 2000::/3 is what is given out; of it 2001::/23 are protocols (Teredo among them) and 2002::/16 is 6to4.
        return (first & 0xe0) == 0x20
                && !(first == 0x20 && second == 0x02)
                && !(first == 0x20 && second == 0x01 && (bytes[2] & 0xfe) == 0);
    }
}
