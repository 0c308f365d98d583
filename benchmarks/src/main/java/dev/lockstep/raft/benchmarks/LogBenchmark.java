package dev.lockstep.raft.benchmarks;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * The write-ahead log beside the floor of the device that it is on, both measured in turns in the
 * same run, so that a ratio means something on a machine that is busy with other things, too.
 *
 * <p>Arguments: a directory on the device, then any of {@code latency}, {@code bandwidth}, {@code
 * restart} and {@code groups}; all without.
 */
public final class LogBenchmark {
    private static final int ROUNDS = 11;
    private static final int WARM_UP_ROUNDS = 3;
    private static final int LATENCY_WRITES = 300;

    /** So many fill enough segments that from then on their files are used again. */
    private static final int ROUNDS_UNTIL_REUSE = 10;

    private static final long ROUND_BYTES = 64L << 20;
    private static final long RESTART_BYTES = 1L << 30;
    private static final int RESTARTS = 5;
    private static final int GROUPS = 10_000;
    private static final int ENTRIES_PER_GROUP = 8;

    private final Path directory;

    private LogBenchmark(Path directory) {
        this.directory = directory;
    }

    private interface Write {
        void run() throws IOException;
    }

    /** Runs it. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> parts = Arrays.asList(arguments).subList(1, arguments.length);
        LogBenchmark benchmark = new LogBenchmark(Path.of(arguments[0]));
        Files.createDirectories(benchmark.directory);
        if (parts.isEmpty() || parts.contains("latency")) {
            benchmark.latency();
        }
        if (parts.isEmpty() || parts.contains("bandwidth")) {
            for (int bytes : new int[] {64 << 10, 256 << 10, 1 << 20}) {
                benchmark.bandwidth(bytes);
            }
        }
        if (parts.isEmpty() || parts.contains("restart")) {
            benchmark.restart();
        }
        if (parts.isEmpty() || parts.contains("groups")) {
            benchmark.groups();
        }
    }

    /** One entry of 256 bytes, one sync, again and again. */
    private void latency() throws IOException {
        Path home = fresh("latency");
        Payload payload = BenchedLog.payload(256);
        Histogram plain = new Histogram(3);
        Histogram direct = new Histogram(3);
        Histogram log = new Histogram(3);
        try (DeviceFloor plainFloor = new DeviceFloor(home.resolve("floor"), false, 4096);
                DeviceFloor directFloor = new DeviceFloor(home.resolve("direct"), true, 4096);
                BenchedLog benched = new BenchedLog(home.resolve("log"), "one")) {
            for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
                if (round == WARM_UP_ROUNDS) {
                    Stream.of(plain, direct, log).forEach(Histogram::reset);
                }
                record(plain, plainFloor::write);
                record(log, () -> benched.append(payload, 1));
                record(direct, directFloor::write);
            }
        }
        say("depth 1, 256 bytes          p50      p99    p99.9");
        row("floor, 4 KiB", plain);
        row("floor, 4 KiB, direct", direct);
        row("log", log);
        say(
                "log p50 / floor p50: %.2f (to be at most 1.15); direct floor / floor: %.2f",
                ratio(log, plain), ratio(direct, plain));
    }

    private static double ratio(Histogram a, Histogram b) {
        return (double) a.getValueAtPercentile(50) / b.getValueAtPercentile(50);
    }

    private static void record(Histogram into, Write write) throws IOException {
        for (int i = 0; i < LATENCY_WRITES; i++) {
            long from = System.nanoTime();
            write.run();
            into.recordValue(System.nanoTime() - from);
        }
    }

    private static void row(String name, Histogram times) {
        say(
                "%-22s %7.0f  %7.0f  %7.0f us",
                name,
                times.getValueAtPercentile(50) / 1e3,
                times.getValueAtPercentile(99) / 1e3,
                times.getValueAtPercentile(99.9) / 1e3);
    }

    /** Batches of so many bytes, each with a sync of its own; entries of 4 KiB. */
    private void bandwidth(int bytes) throws IOException {
        Path home = fresh("bandwidth");
        Payload payload = BenchedLog.payload(4096);
        int writes = (int) (ROUND_BYTES / bytes);
        double[] plain = new double[ROUNDS];
        double[] direct = new double[ROUNDS];
        double[] log = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        try (DeviceFloor plainFloor = new DeviceFloor(home.resolve("floor"), false, bytes);
                DeviceFloor directFloor = new DeviceFloor(home.resolve("direct"), true, bytes);
                BenchedLog benched = new BenchedLog(home.resolve("log"), "one")) {
            for (int i = 0; i < ROUNDS_UNTIL_REUSE * writes; i++) {
                benched.append(payload, bytes >> 12);
                benched.cutIfLong();
            }
            for (int round = 0; round < ROUNDS; round++) {
                plain[round] = mibPerSecond(writes, bytes, plainFloor::write);
                log[round] =
                        mibPerSecond(
                                writes,
                                bytes,
                                () -> {
                                    benched.append(payload, bytes >> 12);
                                    benched.cutIfLong();
                                });
                direct[round] = mibPerSecond(writes, bytes, directFloor::write);
                ratios[round] = log[round] / plain[round];
            }
        }
        say(
                "%4d KiB a sync: floor %.0f MiB/s, direct %.0f MiB/s, log %.0f MiB/s (of payload);"
                        + " log / floor: median %.2f, %.2f to %.2f (to be at least 0.80)",
                bytes >> 10,
                median(plain),
                median(direct),
                median(log),
                median(ratios),
                ratios[0],
                ratios[ROUNDS - 1]);
    }

    private static double mibPerSecond(int writes, int bytes, Write write) throws IOException {
        long from = System.nanoTime();
        for (int i = 0; i < writes; i++) {
            write.run();
        }
        return (double) writes * bytes / (1 << 20) / ((System.nanoTime() - from) / 1e9);
    }

    /** Opens a directory with 1 GiB of log that isn't in the page cache, and reads its files. */
    private void restart() throws IOException, InterruptedException {
        Path home = fresh("restart");
        Payload payload = BenchedLog.payload(1024);
        try (BenchedLog benched = new BenchedLog(home, "one")) {
            for (long bytes = 0; bytes < RESTART_BYTES; bytes += 256 << 10) {
                benched.append(payload, 256);
            }
        }
        double[] ratios = new double[RESTARTS];
        double[] floors = new double[RESTARTS];
        double[] logs = new double[RESTARTS];
        for (int round = -1; round < RESTARTS; round++) {
            List<Path> files = files(home);
            for (Path file : files) {
                DeviceFloor.dropFromCache(file);
            }
            long from = System.nanoTime();
            long bytes = 0;
            for (Path file : files) {
                bytes += DeviceFloor.read(file);
            }
            double floor = bytes / 1e6 / ((System.nanoTime() - from) / 1e9);
            for (Path file : files) {
                DeviceFloor.dropFromCache(file);
            }
            from = System.nanoTime();
            LogStore store = BenchedLog.open(home);
            double log = bytes / 1e6 / ((System.nanoTime() - from) / 1e9);
            store.close();
            if (round >= 0) {
                floors[round] = floor;
                logs[round] = log;
                ratios[round] = log / floor;
            }
        }
        say(
                "restart with 1 GiB: files read with %.0f MB/s, log opened with %.0f MB/s;"
                        + " log / floor: median %.2f, %.2f to %.2f (to be at least 0.80)",
                median(floors), median(logs), median(ratios), ratios[0], ratios[RESTARTS - 1]);
    }

    private static List<Path> files(Path home) throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
        }
    }

    /** What many groups cost: heap for each, and the checkpoint that every segment begins with. */
    private void groups() throws IOException {
        Path home = fresh("groups");
        Payload payload = BenchedLog.payload(256);
        try (BenchedLog busy = new BenchedLog(home, "busy")) {
            LogStore store = busy.store();
            long before = usedHeap();
            for (int i = 0; i < GROUPS; i++) {
                GroupId group = GroupId.of("group-" + i);
                var unused = store.replica(group);
                List<Entry> entries = new ArrayList<>();
                for (int index = 1; index <= ENTRIES_PER_GROUP; index++) {
                    entries.add(new Entry(1, index, EntryKind.COMMAND, index, payload));
                }
                store.append(new ReplicaWrite(group, null, new HardState(1, null), 0, entries));
            }
            store.sync();
            long perGroup = (usedHeap() - before) / GROUPS;
            say(
                    "%,d groups with %d entries each: %d bytes of heap per group",
                    GROUPS, ENTRIES_PER_GROUP, perGroup);
            Payload large = BenchedLog.payload(4096);
            Histogram appends = new Histogram(3);
            long end = System.nanoTime() + 20_000_000_000L;
            while (System.nanoTime() < end) {
                long from = System.nanoTime();
                busy.append(large, 16);
                busy.cutIfLong();
                appends.recordValue(System.nanoTime() - from);
            }
            row("64 KiB beside them", appends);
            say(
                    "slowest, with a checkpoint of all groups: %.0f us; files: %d",
                    appends.getMaxValue() / 1e3, files(home).size());
        }
        long from = System.nanoTime();
        BenchedLog.open(home).close();
        say("reopened in %.2f s", (System.nanoTime() - from) / 1e9);
    }

    private static long usedHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private Path fresh(String name) throws IOException {
        Path home = directory.resolve(name);
        if (Files.exists(home)) {
            try (Stream<Path> files = Files.walk(home)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
        return Files.createDirectories(home);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
