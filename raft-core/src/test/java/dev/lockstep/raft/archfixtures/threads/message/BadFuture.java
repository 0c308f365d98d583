package dev.lockstep.raft.archfixtures.threads.message;

import java.util.concurrent.CompletableFuture;

final class BadFuture {
    final CompletableFuture<String> reply = new CompletableFuture<>();
}
