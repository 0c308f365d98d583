package dev.lockstep.raft.harness.client;

/** How a command ended, as far as its client can know. */
public sealed interface Outcome<T> {
    /** It took effect, and this is the reply. */
    record Done<T>(T reply) implements Outcome<T> {}

    /** It surely had no effect and never will. */
    record NotDone<T>(String why) implements Outcome<T> {}

    /** It had its effect, or will have, or never will. */
    record Unknown<T>(String why) implements Outcome<T> {}
}
