package dev.lockstep.raft.runtime;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

/**
 * The events that a host writes into a flight recording. Off unless the recording's settings turn
 * them on, by their names.
 */
final class FlightEvents {
    private FlightEvents() {}

    /** What all have: they are told by the loop that saw it, so its stack says nothing. */
    @Category("Lockstep")
    @Enabled(false)
    @StackTrace(false)
    abstract static class Told extends Event {
        @Label("Node")
        String node = "";

        @Label("Group")
        String group = "";
    }

    @Name("dev.lockstep.Election")
    @Label("Election")
    @Description("A replica of this host campaigns in a new term")
    @Enabled(false)
    static final class Election extends Told {
        @Label("Term")
        long term;
    }

    @Name("dev.lockstep.Leadership")
    @Label("Leadership")
    @Description("A replica of this host has learned who leads")
    @Enabled(false)
    static final class Leadership extends Told {
        @Label("Term")
        long term;

        @Label("Leader")
        String leader = "";
    }

    @Name("dev.lockstep.Snapshot")
    @Label("Snapshot")
    @Description("A snapshot was taken, failed, or was installed")
    @Enabled(false)
    static final class Snapshot extends Told {
        @Label("What became of it")
        String outcome = "";

        @Label("Term")
        long term;

        @Label("Index")
        long index;
    }

    @Name("dev.lockstep.LoopStall")
    @Label("Loop stall")
    @Description("A loop of this host doesn't turn")
    @Enabled(false)
    static final class LoopStall extends Told {
        @Label("Loop")
        String loop = "";

        @Label("Stalled for")
        @Timespan(Timespan.NANOSECONDS)
        long stalled;

        @Label("Stack of its thread")
        String stack = "";
    }

    /** The settings may ask for another threshold. */
    @Name("dev.lockstep.LogSync")
    @Label("Slow sync")
    @Description("Writes were appended and synced, and it took its time")
    @Category("Lockstep")
    @Enabled(false)
    @StackTrace(false)
    @Threshold("20 ms")
    static final class LogSync extends Event implements FlightRecorder.Span {
        @Label("Node")
        final String node;

        @Label("Writes that shared it")
        int writes;

        LogSync(String node) {
            this.node = node;
        }

        @Override
        public void ends(int together) {
            end();
            if (shouldCommit()) {
                writes = together;
                commit();
            }
        }
    }
}
