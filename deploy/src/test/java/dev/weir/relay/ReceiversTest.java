package dev.weir.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiversTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void theExampleIsRightAndHasAReceiverOfEachKindAndEveryKey() throws IOException {
        Path example = Path.of("cluster/receivers-example.yaml");
        Receivers receivers = Receivers.read(example);
        assertThat(receivers.all().stream().map(r -> r.means().getClass()).collect(Collectors.toSet()))
                .hasSize(5);
        String text = Files.readString(example);
        Set<String> keys = new TreeSet<>(List.of("teams", "severities", "kinds"));
        for (Class<?> means : Receiver.Means.class.getPermittedSubclasses()) {
            for (var component : means.getRecordComponents()) {
                keys.add(component.getName());
            }
        }
        assertThat(keys).allSatisfy(key -> assertThat(text).containsPattern("\\b" + key + ":"));
    }

    @Test
    void everyFaultIsToldWithItsPlaceAndMend() {
        refused("receivers: []", "1:12: write receivers as a list");
        refused("receivers:\n  - {name: a}", "2:5: a receiver has one of slack, slack_webhook, webhook, mail");
        refused("receivers:\n  - {name: a, slak: {}}", "2:15: unknown key 'slak'; known: name, teams");
        refused(
                "receivers:\n  - name: a\n    webhook: {url: https://a.example, secret: hunter2}",
                "3:47: secret is a secret: name where it stands, env:NAME or file:/path");
        refused(
                "receivers:\n  - name: a\n    webhook: {url: 'http://a.example', secret: 'env:S'}",
                "write https; http needs the host a.example to be named under private_hosts");
        refused(
                "receivers:\n  - name: a\n    slack: {token: 'env:T', channel: team}",
                "channel: team needs otherwise",
                "channel: team needs a playbook");
        refused(
                "receivers:\n  - name: a\n    mail: {host: h, from: \"a@b.example\\nBcc: x@y.example\", to: c@d.example}",
                "is no mail address");
        refused(
                "receivers:\n  - name: a\n    mail: {host: h, security: none, from: a@b.example, to: c@d.example}",
                "security: none needs the host to be named");
        refused(
                "receivers:\n  - name: a\n    slack_webhook: {url: 'env:A'}\n  - name: a\n    slack_webhook: {url: 'env:A'}",
                "4:11: there is another receiver 'a'");
        refused(
                "receivers:\n  - name: a\n    alertmanager: {url: 'https://a.example', repeat: 10m}",
                "repeat is a time from 1s to 4m");
    }

    private void refused(String yaml, String... faults) {
        Path file = folder.resolve("r.yaml");
        assertThatThrownBy(() -> {
                    Files.writeString(file, yaml);
                    Receivers.read(file);
                })
                .isInstanceOf(BadReceivers.class)
                .hasMessageContainingAll(faults)
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "0.0.0.0",
                "100.64.0.1",
                "192.0.0.8",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "::ffff:10.0.0.1",
                "64:ff9b::a00:1",
                "2002:a00:1::",
                "2001:0:a00:1::"
            })
    void noPrivateAddressIsPublic(String address) throws UnknownHostException {
        assertThat(Hosts.isPublic(InetAddress.getByName(address))).isFalse();
        assertThatThrownBy(() -> new Hosts(Set.of()).resolve(address))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("private_hosts");
        assertThat(new Hosts(Set.of(address)).resolve(address)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::5"})
    void publicAddressesAre(String address) throws UnknownHostException {
        assertThat(Hosts.isPublic(InetAddress.getByName(address))).isTrue();
    }
}
