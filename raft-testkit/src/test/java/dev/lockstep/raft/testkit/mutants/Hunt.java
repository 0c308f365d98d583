package dev.lockstep.raft.testkit.mutants;

import com.sun.management.OperatingSystemMXBean;
import dev.lockstep.raft.testkit.RaftSimulation;
import dev.lockstep.raft.testkit.SimulationFailure;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs tests or simulation seeds until the first failure, in a process of its own, whose classes
 * may be a mutant's; {@link Hunter} starts it and reads what it prints. A wrong protocol may also
 * loop for ever, which a watch takes for a failure.
 */
final class Hunt {
    /** Begins each line that is meant for {@link Hunter}. */
    static final String MARK = "#hunt ";

    static final String AT = "at";
    static final String CAUGHT = "caught";
    static final String CLEAN = "clean";

    /** No test class and no seed takes so long, unless it never ends. */
    private static final long LONGEST_CPU_SECONDS = 180;

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final PrintStream out;
    private volatile String at = "the start";
    private volatile long atSince;

    private Hunt(PrintStream out) {
        this.out = out;
    }

    /**
     * Arguments: {@code tests CLASS…}, or {@code seeds FROM MOST CPU-SECONDS}, which runs seeds
     * until so many were run or so much time was used.
     */
    public static void main(String[] arguments) {
        Hunt hunt = new Hunt(System.out);
        System.setOut(System.err); // what tests print is none of the parent's business
        hunt.watch();
        List<String> rest = List.of(arguments).subList(1, arguments.length);
        if (arguments[0].equals("tests")) {
            rest.forEach(hunt::test);
            hunt.say(CLEAN, rest.size(), "");
        } else {
            hunt.simulate(
                    Long.parseLong(rest.get(0)),
                    Long.parseLong(rest.get(1)),
                    Long.parseLong(rest.get(2)));
        }
        hunt.end(0);
    }

    private void test(String className) {
        begin(className);
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectClass(className))
                        .build();
        Launcher launcher = LauncherFactory.create();
        launcher.execute(request, new StopAtFailure());
    }

    private final class StopAtFailure implements TestExecutionListener {
        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                caught(
                        at.substring(at.lastIndexOf('.') + 1) + "." + nameOf(test),
                        0,
                        result.getThrowable().orElse(null));
            }
        }

        private String nameOf(TestIdentifier test) {
            String shown = test.getDisplayName().replaceFirst("\\(.*\\)$", "");
            String method =
                    test.getSource()
                            .map(s -> s instanceof MethodSource m ? m.getMethodName() : shown)
                            .orElse(shown);
            return method.equals(shown) ? method : method + " " + shown;
        }
    }

    private void simulate(long from, long most, long cpuSeconds) {
        long seed = from;
        for (; seed < from + most && cpuSeconds() < cpuSeconds; seed++) {
            begin("seed " + seed);
            try {
                new RaftSimulation(seed).run();
            } catch (SimulationFailure failure) {
                caught("seed " + seed, seed - from + 1, failure);
            } catch (RuntimeException | Error broken) {
                caught("seed " + seed, seed - from + 1, broken);
            }
        }
        say(CLEAN, seed - from, "");
    }

    private void begin(String what) {
        at = what;
        atSince = cpuSeconds();
        say(AT, 0, what);
    }

    private void caught(String by, long seeds, Throwable why) {
        if (why != null) {
            why.printStackTrace();
        }
        say(CAUGHT, seeds, by);
        end(0);
    }

    /** Neither what a test left running nor what a broken one holds may delay the end. */
    private void end(int status) {
        out.flush();
        Runtime.getRuntime().halt(status);
    }

    private synchronized void say(String what, long count, String detail) {
        double seconds = SYSTEM.getProcessCpuTime() / 1e9;
        out.println(MARK + what + "\t" + seconds + "\t" + count + "\t" + detail);
        out.flush();
    }

    private void watch() {
        ScheduledExecutorService watch =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task, "watch");
                            thread.setDaemon(true);
                            return thread;
                        });
        var unused = watch.scheduleAtFixedRate(this::look, 1, 1, TimeUnit.SECONDS);
    }

    private void look() {
        if (cpuSeconds() - atSince > LONGEST_CPU_SECONDS) {
            say(CAUGHT, 1, at + ", which doesn't end");
            end(0);
        }
    }

    private static long cpuSeconds() {
        return SYSTEM.getProcessCpuTime() / 1_000_000_000L;
    }
}
