/** All that an application touches: a host, its groups, and their builders. */
@NullMarked
package dev.lockstep.raft.node;

import org.jspecify.annotations.NullMarked;
