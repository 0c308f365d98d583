package dev.lockstep.examples.kv.demo;

import dev.lockstep.examples.kv.store.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Writes and reads through every node, kills the leader, goes on, restarts it, and compares the
 * replicas.
 *
 * <p>Each key gets one value, ever. So a write whose outcome isn't known can be sent again, and
 * every value that is read later is either the one that was acknowledged or shows a fault.
 */
final class DemoCheck {
    private static final int KEYS = 1000;
    private static final int PIPELINE = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_MILLIS = 50;

    private final DemoCluster cluster;
    private final Consumer<String> progress;
    private final Map<String, String> acknowledged = new TreeMap<>();

    DemoCheck(DemoCluster cluster, Consumer<String> progress) {
        this.cluster = cluster;
        this.progress = progress;
    }

    /**
     * @return one line that says what was seen
     * @throws IOException when something isn't as it must be; its message says what
     */
    String run() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        List<Integer> all = List.of(0, 1, 2);
        int leader = cluster.awaitLeader(all, Deadline.in(PATIENCE));
        progress.accept("leader is " + DemoCluster.name(leader));
        writeThrough("before", all);
        readThrough(all);

        progress.accept("kill -9 " + DemoCluster.name(leader));
        ServerProcess victim = cluster.process(leader);
        if (victim == null) {
            throw new IOException(DemoCluster.name(leader) + " was never started");
        }
        victim.kill();
        List<Integer> survivors = all.stream().filter(node -> node != leader).toList();
        writeThrough("after", survivors);
        readThrough(survivors);
        int next = cluster.awaitLeader(survivors, Deadline.in(PATIENCE));
        progress.accept(
                "leader is "
                        + DemoCluster.name(next)
                        + "; "
                        + DemoCluster.name(leader)
                        + " starts again");

        cluster.start(leader);
        cluster.awaitNode(leader, Deadline.in(PATIENCE));
        readThrough(all);
        String equal = awaitEqualReplicas(all);
        return String.format(
                "OK: %d keys written and read through every node, leader %s killed and restarted, %s, %.1f s",
                acknowledged.size(),
                DemoCluster.name(leader),
                equal,
                (System.nanoTime() - begin) / 1e9);
    }

    private void writeThrough(String phase, List<Integer> nodes)
            throws IOException, InterruptedException {
        for (int node : nodes) {
            String prefix = phase + ":" + DemoCluster.name(node) + ":";
            List<String[]> sets = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                String key = prefix + i;
                sets.add(new String[] {"SET", key, "value of " + key});
                acknowledged.put(key, "value of " + key);
            }
            send(
                    node,
                    sets,
                    (command, reply) -> require(reply.equals(Reply.ok()), node, command, reply));
            progress.accept(KEYS + " keys written through " + DemoCluster.name(node));
        }
    }

    private void readThrough(List<Integer> nodes) throws IOException, InterruptedException {
        for (int node : nodes) {
            List<String[]> gets = new ArrayList<>();
            acknowledged.keySet().forEach(key -> gets.add(new String[] {"GET", key}));
            send(
                    node,
                    gets,
                    (command, reply) -> {
                        boolean asWritten =
                                reply.equals(Reply.bulk(acknowledged.getOrDefault(command[1], "")));
                        require(asWritten, node, command, reply);
                    });
            progress.accept(gets.size() + " keys read through " + DemoCluster.name(node));
        }
    }

    /** Judges one reply. */
    private interface Judge {
        void judge(String[] command, Reply reply) throws IOException;
    }

    private static void require(boolean holds, int node, String[] command, Reply reply)
            throws IOException {
        if (!holds) {
            throw new WrongAnswer(
                    DemoCluster.name(node)
                            + " answers "
                            + Replies.text(reply)
                            + " to "
                            + String.join(" ", command));
        }
    }

    private void send(int node, List<String[]> commands, Judge judge)
            throws IOException, InterruptedException {
        for (int from = 0; from < commands.size(); from += PIPELINE) {
            List<String[]> some =
                    commands.subList(from, Math.min(from + PIPELINE, commands.size()));
            Deadline deadline = Deadline.in(PATIENCE);
            while (!sendOnce(node, some, judge, deadline)) {
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    /**
     * Returns false when it must be tried again, because there is no leader right now, or an
     * outcome isn't known.
     */
    private boolean sendOnce(int node, List<String[]> commands, Judge judge, Deadline deadline)
            throws IOException {
        try (RespClient client = cluster.connect(node)) {
            for (String[] command : commands) {
                client.send(command);
            }
            for (String[] command : commands) {
                Reply reply = client.receive();
                if (isPassing(reply)) {
                    deadline.check(
                            DemoCluster.name(node) + " still says: " + Replies.text(reply), null);
                    return false;
                }
                judge.judge(command, reply);
            }
            return true;
        } catch (WrongAnswer wrong) {
            throw wrong;
        } catch (IOException e) {
            deadline.check(DemoCluster.name(node) + " doesn't answer", e);
            return false;
        }
    }

    private static boolean isPassing(Reply reply) {
        return reply instanceof Reply.Failure failure
                && Set.of("CLUSTERDOWN", "OUTCOMEUNKNOWN", "DISKFULL", "OVERLOADED", "TRYAGAIN")
                        .contains(failure.text().replaceFirst(" .*", ""));
    }

    private String awaitEqualReplicas(List<Integer> nodes)
            throws IOException, InterruptedException {
        Deadline deadline = Deadline.in(PATIENCE);
        while (true) {
            Set<String> states = new TreeSet<>();
            for (int node : nodes) {
                states.add(stateOf(node));
            }
            if (states.size() == 1) {
                return nodes.size() + " replicas equal at " + states.iterator().next();
            }
            // Nobody writes any more, so the indexes meet; the hashes then do too, or never will.
            deadline.check("the replicas differ: " + states, null);
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private String stateOf(int node) throws IOException {
        try (RespClient client = cluster.connect(node)) {
            Reply digest = client.call("RAFT.DIGEST");
            return "index "
                    + field(digest, "index")
                    + " with "
                    + field(digest, "keys")
                    + " keys (sha256 "
                    + field(digest, "sha256").substring(0, 16)
                    + "…)";
        }
    }

    private static String field(Reply digest, String name) throws IOException {
        return Replies.field(digest, name)
                .map(Replies::text)
                .orElseThrow(() -> new IOException("no digest: " + Replies.text(digest)));
    }

    /** An answer that no fault excuses. */
    private static final class WrongAnswer extends IOException {
        private static final long serialVersionUID = 1;

        WrongAnswer(String message) {
            super(message);
        }
    }
}
