package dev.lockstep.raft.harness;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.process.Strace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** System calls that fail, where this machine lets them; else the test is skipped, and says so. */
final class Injection {
    private Injection() {}

    static Strace into(ServerNode node, String call, String what) throws InterruptedException {
        return into(node, call, what, List.of());
    }

    static Strace into(ServerNode node, String call, String what, List<Path> files)
            throws InterruptedException {
        try {
            return node.process().inject(call, what, files);
        } catch (IOException e) {
            String why = "skipped, as system calls can't be made to fail here: " + e.getMessage();
            System.err.println(why);
            return abort(why);
        }
    }
}
