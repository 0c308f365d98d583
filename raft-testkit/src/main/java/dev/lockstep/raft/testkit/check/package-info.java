/**
 * Checkers: is a history of client operations linearizable, and did the replicas keep Raft's
 * promises?
 */
@NullMarked
package dev.lockstep.raft.testkit.check;

import org.jspecify.annotations.NullMarked;
