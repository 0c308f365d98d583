package dev.lockstep.raft.archfixtures.clocks.message;

import java.time.Clock;

final class BadClock {
    Clock clock = Clock.systemUTC();
}
