package dev.lockstep.raft.archfixtures.io.model;

import java.io.IOException;

@SuppressWarnings("serial")
final class FineFailure extends IOException {}
