package dev.lockstep.raft.harness;

import dev.lockstep.raft.harness.process.Directories;
import dev.lockstep.raft.harness.process.ServerCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Three servers for each test. When it fails, the ends of their logs are printed, and their files
 * stay under {@code target/clusters}.
 */
final class ClusterExtension implements BeforeEachCallback, AfterEachCallback {
    private static final int SIZE = 3;
    private static final Path CLUSTERS = Path.of("target", "clusters");

    private final Supplier<ServerCluster.Plan> plan;
    private ServerCluster cluster;
    private Path directory;

    ClusterExtension(String... options) {
        this(() -> new ServerCluster.Plan(options));
    }

    /**
     * @param plan asked before each test
     */
    ClusterExtension(Supplier<ServerCluster.Plan> plan) {
        this.plan = plan;
    }

    ServerCluster cluster() {
        return cluster;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        directory =
                CLUSTERS.resolve(
                        context.getRequiredTestClass().getSimpleName()
                                + "."
                                + context.getRequiredTestMethod().getName());
        Directories.delete(directory);
        cluster = ServerCluster.start(directory, SIZE, plan.get());
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException, InterruptedException {
        if (cluster == null) {
            return; // it didn't start, and its failure tells all
        }
        boolean failed = context.getExecutionException().isPresent();
        try (ServerCluster closing = cluster) {
            if (failed) {
                System.err.println(context.getDisplayName() + " failed" + closing.report());
                closing.dumpThreads();
            }
        }
        if (!failed) {
            Directories.delete(directory);
        }
    }
}
