/**
 * One small house per rule of {@code HouseRules}, where the classes named {@code Bad…} break that
 * rule, each in one way, and those named {@code Fine…} come close and do not.
 */
package dev.lockstep.raft.archfixtures;
