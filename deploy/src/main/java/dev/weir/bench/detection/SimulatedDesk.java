package dev.weir.bench.detection;

import dev.weir.alert.Alert;
import dev.weir.alert.AlertDesk;
import dev.weir.alert.AlertTables;
import dev.weir.alert.Delivery;
import dev.weir.alert.DeskFact;
import dev.weir.alert.Signal;
import dev.weir.anomaly.CauseMachine;
import dev.weir.anomaly.Clue;
import dev.weir.anomaly.FalseAlarmBudget;
import dev.weir.anomaly.SeriesMachine;
import dev.weir.anomaly.SharesMachine;
import dev.weir.event.MetricPoint;
import dev.weir.io.PlaybookLoader;
import dev.weir.machine.Difference;
import dev.weir.machine.Machine;
import dev.weir.machine.Memory;
import dev.weir.machine.Row;
import dev.weir.machine.Step;
import dev.weir.playbook.Grain;
import dev.weir.playbook.Playbook;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the anomaly job does of points, without an engine: from each point as it comes to the alerts people are told of. */
final class SimulatedDesk {
    private static final Playbook PLAYBOOK = PlaybookLoader.load("""
            playbook: simulated
            teams: {growth: {}}
            pipelines: [{name: sales, stages: [{name: legal}, {name: won, outcome: won}]}]
            funnels:
              - name: signup
                steps:
                  - {name: visit, when: "engagement.kind == 'page_view'"}
                  - {name: trial, when: "engagement.kind == 'form_submit'"}
                within: 14d
            alerts:
              budget: {growth: 1/week}
              routes:
                - {kind: conversion_drop, to: growth}
                - {kind: bottleneck, to: growth}
                - {kind: volume_drop, to: growth}
                - {kind: volume_rise, to: growth}
            """, "simulated.yaml");

    private record Said<O>(List<Row> rows, List<Difference<O>> facts) {}

    /** A machine and what its keys remember. */
    private static final class Room<F, O> {
        private final Machine<F, O> machine;
        private final Map<String, Memory<F>> memories = new HashMap<>();

        Room(Machine<F, O> machine) {
            this.machine = machine;
        }

        /** What a fact brings: rows, and facts for others. */
        Said<O> take(String key, F fact, long time) {
            return take(new Difference<>(key, true, fact, null), time);
        }

        Said<O> take(Difference<F> fact, long time) {
            Step<O> step = new Step<>();
            step.advance(machine, fact.key, memories.computeIfAbsent(fact.key, k -> new Memory<>()), fact, time);
            List<Row> rows = new ArrayList<>();
            step.rows(rows::add);
            return new Said<>(rows, step.facts());
        }
    }

    private final Room<MetricPoint, Clue> series;
    private final Room<Clue, Clue> shares = new Room<>(new SharesMachine());
    private final Room<Clue, Clue> causes = new Room<>(new CauseMachine());
    private final Room<Signal, Signal> desk = new Room<>(AlertDesk.of(PLAYBOOK));
    private final Room<DeskFact, Signal> delivery = new Room<>(new Delivery(PLAYBOOK));
    private final Map<String, Alert> alerts = new TreeMap<>();

    /** A desk of one team that accepts one false alarm a week of so many daily series. */
    SimulatedDesk(int many) {
        this(Simulated.machine(FalseAlarmBudget.of(PLAYBOOK.alerts().budget().getOrDefault("growth", ""))
                .threshold(Grain.DAY, many)));
    }

    /** The same desk behind another watch. */
    SimulatedDesk(SeriesMachine watch) {
        series = new Room<>(watch);
    }

    void take(MetricPoint point) {
        long time = point.windowEnd().toEpochMilli();
        Clue share = Clue.of(point);
        if (share != null) {
            ask(new Difference<>("", true, share, null), time);
        }
        Said<Clue> said = series.take(SeriesMachine.key(point), point, time);
        said.facts.forEach(question -> ask(question, time));
        for (Row row : said.rows) {
            if (row.table().equals(Signal.TABLE.name())) {
                explain(new Difference<>("", true, Clue.of(Signal.of(row)), null), time);
            }
        }
    }

    private void ask(Difference<Clue> clue, long time) {
        clue.key = Clue.key(clue);
        shares.take(clue, time).facts.forEach(answer -> explain(answer, time));
    }

    private void explain(Difference<Clue> clue, long time) {
        clue.key = Clue.key(clue);
        causes.take(clue, time).rows.forEach(row -> notice(row, time));
    }

    private void notice(Row row, long time) {
        Signal signal = Signal.of(row);
        for (Row raised : desk.take(AlertDesk.incidentKey(signal), signal, time).rows) {
            Alert alert = Alert.of(raised);
            for (Row told : delivery.take(Delivery.key(alert), DeskFact.of(alert), time).rows) {
                alerts.put(told.key(AlertTables.ALERT), Alert.of(told));
            }
        }
    }

    /** The alerts that people are told of by themselves, those that were taken back too. */
    List<Alert> pages() {
        return alerts.values().stream()
                .filter(alert -> !alert.deleted() && Alert.PAGE.equals(alert.delivery()))
                .toList();
    }
}
