package dev.lockstep.raft.archfixtures.logging.core;

import jdk.jfr.Event;

final class BadFlightEvent extends Event {}
