package dev.lockstep.raft.archfixtures.logging.runtime;

import jdk.jfr.Event;

final class FineFlightEvent extends Event {}
