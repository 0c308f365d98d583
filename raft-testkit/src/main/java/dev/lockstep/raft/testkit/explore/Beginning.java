package dev.lockstep.raft.testkit.explore;

import java.util.function.UnaryOperator;

/** Where ways begin: the founding, and what takes too many actions to be met soon after it. */
enum Beginning {
    /** Three servers with empty logs. */
    FOUNDED("a group that was just founded", script -> script),

    /** One leader whose first entry is committed everywhere. */
    LED(
            "n1 leads in term 1, and all know its first entry to be committed",
            script -> script.elect(0, 1, 2).talk(0, 1, 2).heartbeat(0).talk(0, 1, 2)),

    /** Figure 8 (b): two former leaders, each with an entry that only it holds. */
    CONTESTED(
            "n1 led in term 1 and n2 in term 2, each restarted with an entry that only it holds",
            script -> script.elect(0, 2).lose().restart(0).elect(1, 2).lose().restart(1)),

    /** Behind a common entry the logs of two servers differ (figure 7). */
    DIVERGED(
            "behind a committed entry n1 holds two of term 1 that nobody else does, n2 one of term 2;"
                    + " n1 still thinks that it leads",
            script ->
                    script.elect(0, 1, 2)
                            .talk(0, 1, 2)
                            .heartbeat(0)
                            .talk(0, 1, 2)
                            .propose(0, 8)
                            .propose(0, 9)
                            .lose()
                            .restart(1)
                            .restart(2)
                            .elect(1, 2)
                            .lose());

    private final String text;
    private final UnaryOperator<Script> script;

    Beginning(String text, UnaryOperator<Script> script) {
        this.text = text;
        this.script = script;
    }

    int[] in(Space space) {
        return script.apply(new Script(space)).end();
    }

    @Override
    public String toString() {
        return text;
    }
}
