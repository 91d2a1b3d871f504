import ProfilerTraces
import Timelines

/// The members of a rank's object beside its breakdown.
struct RankJSON: Encodable {
    let rank: Int
    let idleByCause: Idle
    let families, ranges, groups, streams: [CommunicationPartJSON]
    let kernels: [Kernel]
    let steps: [Merged<Step, BreakdownJSON>]
    let pairs: [Merged<Pair, BreakdownJSON>]
    let inFlight: [InFlight]
    let clock: Clock
    let collectives: Collectives

    struct Idle: Encodable {
        let hostNs, dependencyNs, launchNs: Int64
    }

    struct Kernel: Encodable {
        let name, `class`, role, family: String
        let count: Int
        let timeNs, longestNs, exposedNs: Int64
    }

    struct Step: Encodable {
        let number: Int
    }

    struct Pair: Encodable {
        let name: String
        let startNs: Int64
    }

    struct InFlight: Encodable {
        let name: String
        let count: Int
        let timeNs, hiddenNs: Int64
        @OrNull var hiddenShare: Double?
    }

    struct Clock: Encodable {
        let offsetNs: Int64
        @OrNull var uncertaintyNs: Int64?
        let matches: Int
    }

    struct Collectives: Encodable {
        let waitedNs, transferredNs: Int64
        let stragglerCount: Int
        let causedWaitNs: Int64
    }

    init(_ rank: RankAnalysis, _ clock: ClockOffset, _ waiting: RankWaiting) {
        self.rank = rank.rank
        idleByCause = Idle(
            hostNs: rank.idle.host, dependencyNs: rank.idle.dependency, launchNs: rank.idle.launch)
        families = rank.families.map(CommunicationPartJSON.init)
        ranges = rank.annotations.map(CommunicationPartJSON.init)
        groups = rank.groups.map(CommunicationPartJSON.init)
        streams = rank.streams.map(CommunicationPartJSON.init)
        kernels = rank.kernels.map {
            Kernel(
                name: $0.name, class: $0.kind.activity.name, role: $0.kind.role.name, family: $0.kind.family,
                count: $0.count, timeNs: $0.time, longestNs: $0.longest, exposedNs: $0.exposed)
        }
        steps = rank.steps.map { Merged(Step(number: $0.number), BreakdownJSON($0.breakdown)) }
        pairs = rank.pairs.map { Merged(Pair(name: $0.name, startNs: $0.start), BreakdownJSON($0.breakdown)) }
        inFlight = rank.inFlight.map {
            InFlight(
                name: $0.name, count: $0.count, timeNs: $0.time, hiddenNs: $0.hidden, hiddenShare: $0.hiddenShare)
        }
        self.clock = Clock(offsetNs: clock.offset, uncertaintyNs: clock.uncertainty, matches: clock.matches)
        collectives = Collectives(
            waitedNs: waiting.waited, transferredNs: waiting.transferred, stragglerCount: waiting.stragglerCount,
            causedWaitNs: waiting.causedWait)
    }
}

/// The communication of one kernel family, range, group or stream.
struct CommunicationPartJSON: Encodable {
    let name: String
    let count: Int
    let timeNs, exposedNs: Int64
    @OrNull var hiddenShare: Double?
    @OrNull var bytes: Int64?
    @OrNull var busBytesPerS: Double?

    init(_ part: CommunicationPart) {
        name = part.name
        count = part.count
        timeNs = part.time
        exposedNs = part.exposed
        _hiddenShare = OrNull(wrappedValue: part.hiddenShare)
        _bytes = OrNull(wrappedValue: part.bytes)
        _busBytesPerS = OrNull(wrappedValue: part.busBandwidth)
    }
}
