package dev.lockstep.raft.runtime;

import dev.lockstep.raft.message.HostAnswer;
import dev.lockstep.raft.message.HostQuestion;
import dev.lockstep.raft.message.LeaderClaim;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.RaftListener;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the hosts whose replicas lead sleeping ones of this host: one question per host and
 * interval stands for the heartbeats of all their groups. A host that leaves questions unanswered
 * for about three election timeouts is suspected, and so is one that has begun anew; then all that
 * sleep and trust it are woken, over a while, so that not all campaign at once.
 *
 * <p>A host may live, and a replica of it lead no more, and the message that said so be lost. So
 * each question names some of the sleeping replicas, other ones each time, and the answer those of
 * them that are led from there no more; thus each is asked about within some hundred questions.
 *
 * <p>While nobody sleeps, nothing is asked and no timer runs. In the host's loop only.
 */
final class HostWatch {
    private static final Logger LOG = LoggerFactory.getLogger(HostWatch.class);

    /** In the envelopes from host to host, which belong to no group. */
    private static final long NO_GROUP = 0;

    /** So many are asked in an election timeout. */
    private static final int QUESTIONS = 4;

    /**
     * So many are asked of a host that isn't heard before it is suspected: three timeouts, since a
     * process that dies breaks its connections, and to wake thousands for a host that is only busy
     * makes it busier.
     */
    private static final int PATIENCE = 3 * QUESTIONS;

    /** So many go unanswered before a host is suspected that says other things. */
    private static final int MOST_UNANSWERED = 4 * PATIENCE;

    /** So many do before a host is suspected whose connection broke. */
    private static final int IMPATIENCE = 2;

    /** A question names so many, and the hundredth part of all. */
    private static final int LEAST_NAMED = 32;

    private static final int ROUNDS = 100;

    /** The replicas that trusted a suspected host are woken in so many steps. */
    private static final int WAKING_STEPS = 50;

    private final HostLoop host;
    private final RaftListener listener;
    private final HostIdentity identity;
    private final ReplicaId self;
    private final SplittableRandom random;
    private final long timeoutNanos;
    private final TreeMap<NodeId, Watched> watched = new TreeMap<>();

    /** A host, and who trusts it. */
    private static final class Watched {
        final NodeId node;
        final List<Replica> sleepers = new ArrayList<>();
        boolean asking;

        /** Questions since it was heard last, of whatever. */
        int silent;

        /** Questions since it answered one. */
        int unanswered;

        /** Which of the sleepers are named next. */
        int next;

        boolean answeredOnce;
        long boot;
        long bootNonce;

        boolean suspected;
        boolean beganAnew;
        boolean waking;

        Watched(NodeId node) {
            this.node = node;
        }

        boolean isSuspected() {
            return suspected || beganAnew;
        }
    }

    /**
     * @param timeoutNanos the election timeout, after about three of which a silent host is
     *     suspected
     */
    HostWatch(
            HostLoop host,
            RaftListener listener,
            HostIdentity identity,
            long timeoutNanos,
            long seed) {
        this.host = host;
        this.listener = listener;
        this.identity = identity;
        this.self = new ReplicaId(identity.node(), identity.incarnation());
        this.timeoutNanos = timeoutNanos;
        this.random = new SplittableRandom(seed);
    }

    // ---- who sleeps ----

    /** A replica sleeps, and trusts that one of that host leads it. */
    void slept(Replica replica, NodeId leader) {
        Watched on = watched.computeIfAbsent(leader, Watched::new);
        replica.watchedOn = on.sleepers.size();
        on.sleepers.add(replica);
        if (!on.asking) {
            on.asking = true;
            on.silent = 0;
            on.unanswered = 0;
            askLater(on);
        }
    }

    /** A replica that has slept wakes, or ends. */
    void woke(Replica replica, NodeId leader) {
        Watched on = watched.get(leader);
        if (on != null) {
            Replica last = on.sleepers.remove(on.sleepers.size() - 1);
            if (last != replica) {
                on.sleepers.set(replica.watchedOn, last);
                last.watchedOn = replica.watchedOn;
            }
        }
    }

    boolean isSuspected(NodeId leader) {
        Watched on = watched.get(leader);
        return on != null && on.isSuspected();
    }

    // ---- asking ----

    private void askLater(Watched on) {
        long interval = timeoutNanos / QUESTIONS;
        long wait = interval * 3 / 4 + random.nextLong(interval / 2 + 1);
        host.loop().at(host.clock().nanoTime() + wait, () -> host.post(() -> ask(on)));
    }

    private void ask(Watched on) {
        if (on.sleepers.isEmpty()) {
            on.asking = false;
            on.suspected = false;
            on.beganAnew = false;
            return;
        }
        askLater(on);
        if (on.silent >= PATIENCE || on.unanswered >= MOST_UNANSWERED) {
            suspect(on);
        }
        on.silent++;
        on.unanswered++;
        host.send(on.node, self, NO_GROUP, new HostQuestion(claims(on)));
    }

    private void suspect(Watched on) {
        if (!on.suspected) {
            LOG.info(
                    "Host {} hasn't been heard for some time; {} replicas that sleep and"
                            + " trusted it are woken",
                    on.node,
                    on.sleepers.size());
            on.suspected = true;
            listener.hostSuspected(on.node, on.sleepers.size());
        }
        wakeAll(on); // and who has come to sleep there since, told to by a late message
    }

    /** Anything that a host says shows that it lives. */
    void heard(NodeId node) {
        if (!watched.isEmpty()) {
            Watched on = watched.get(node);
            if (on != null) {
                on.silent = 0;
            }
        }
    }

    private List<LeaderClaim> claims(Watched on) {
        int count = Math.min(on.sleepers.size(), LEAST_NAMED + on.sleepers.size() / ROUNDS);
        List<LeaderClaim> claims = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            on.next = on.next < on.sleepers.size() ? on.next : 0;
            Replica sleeper = on.sleepers.get(on.next++);
            claims.add(new LeaderClaim(sleeper.key(), sleeper.term()));
        }
        return claims;
    }

    /** A connection to that host broke, so less silence than else is a reason to suspect it. */
    void disconnected(NodeId node) {
        Watched on = watched.get(node);
        if (on != null) {
            on.silent = Math.max(on.silent, PATIENCE - IMPATIENCE);
        }
    }

    // ---- being told ----

    /**
     * Takes what one host says to another.
     *
     * @return false when it is a message of a replica
     */
    boolean received(NodeId from, Message message) {
        if (message instanceof HostQuestion question) {
            answer(from, question);
        } else if (message instanceof HostAnswer answer) {
            answered(from, answer);
        } else {
            return false;
        }
        return true;
    }

    private void answer(NodeId from, HostQuestion question) {
        List<LeaderClaim> wrong = new ArrayList<>(0);
        for (LeaderClaim claim : question.claims()) {
            Replica replica = host.replica(claim.group());
            if (replica == null || !replica.leadsIn(claim.term())) {
                wrong.add(claim);
            }
        }
        host.send(
                from, self, NO_GROUP, new HostAnswer(identity.boot(), identity.bootNonce(), wrong));
    }

    private void answered(NodeId from, HostAnswer answer) {
        Watched on = watched.get(from);
        if (on == null) {
            return;
        }
        on.silent = 0;
        on.unanswered = 0;
        on.suspected = false;
        boolean another = answer.boot() != on.boot || answer.bootNonce() != on.bootNonce;
        if (another && on.answeredOnce) {
            on.beganAnew = true;
            wakeAll(on);
        }
        on.answeredOnce = true;
        on.boot = answer.boot();
        on.bootNonce = answer.bootNonce();
        for (LeaderClaim claim : answer.wrong()) {
            Replica replica = host.replica(claim.group());
            if (replica != null && replica.trusts(from, claim.term())) {
                replica.suspects(from);
            }
        }
    }

    // ---- waking ----

    private void wakeAll(Watched on) {
        if (!on.waking) {
            on.waking = true;
            wakeSome(on, on.sleepers.size() / WAKING_STEPS + 1);
        }
    }

    /** In no order, so that two hosts seldom wake replicas of one group at one time. */
    private void wakeSome(Watched on, int count) {
        for (int i = 0; i < count && on.isSuspected() && !on.sleepers.isEmpty(); i++) {
            Replica sleeper = on.sleepers.get(random.nextInt(on.sleepers.size()));
            sleeper.suspects(on.node);
        }
        on.beganAnew &= !on.sleepers.isEmpty();
        on.waking = on.isSuspected() && !on.sleepers.isEmpty();
        if (on.waking) {
            long step = timeoutNanos / (2 * WAKING_STEPS);
            host.loop()
                    .at(host.clock().nanoTime() + step, () -> host.post(() -> wakeSome(on, count)));
        }
    }
}
