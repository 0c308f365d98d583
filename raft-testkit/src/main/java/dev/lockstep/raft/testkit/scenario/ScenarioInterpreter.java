package dev.lockstep.raft.testkit.scenario;

/** Runs the commands of one scenario, one after the other, on a world of its own. */
@FunctionalInterface
public interface ScenarioInterpreter {
    /**
     * Runs one command.
     *
     * @return what happened: lines, without a newline at the end; empty when there is nothing to
     *     say
     * @throws IllegalArgumentException when it is no command; the message says why
     */
    String run(Command command);
}
