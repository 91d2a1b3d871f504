/// A search for the number of replicas of each expert, and for a lower bound, if every device has two slots and the
/// same speed.
///
/// With two slots per device, the best packing pairs the heaviest replica with the lightest, so only the counts of
/// replicas matter. A longest time T is possible only if, for every y, there are at most as many shares above T − y as
/// shares of at most y, because each of the former needs one of the latter beside it. Each such condition is a row of
/// a covering program, and each count of an expert is an option. An option covers the rows from a first row on, or
/// needs cover there. The program chooses the options that cover all rows with the fewest additional slots.
///
/// Prices on the rows (Lagrange multipliers) prove bounds: the sum of each expert's best worth at any prices is at least
/// the slots that can be left. If it is negative, T is impossible.
///
/// The search keeps each column of experts, options and rows in a buffer of its own, which all layers share.
struct PairedCounts: ~Copyable {
    /// The number of buckets for shares from 0 to half of the limit.
    static let buckets = 1024
    /// The largest number of options of an expert.
    static let optionCapacity = 8
    /// The distance below zero at which a worth counts as negative. It covers the rounding errors of the sums.
    static let margin = 1e-6

    let experts: Int
    let devices: Int
    let slotCount: Int
    var spareSlots: Int { slotCount - experts }

    /// The loads, the heaviest first.
    let weights: ScratchBuffer<Double>
    /// The number of replicas for each of the loads.
    let counts: ScratchBuffer<Int32>
    /// A lower bound on the longest time of all counts.
    var lowerBound = 0.0
    /// The longest time of ``counts``.
    var longestTime = 0.0

    /// The longest time that the listed options aim at.
    var limit = 0.0

    /// A number of replicas that an expert may have. It changes the coverage of all rows from `row` on by `gain`, and
    /// takes `cost` additional slots.
    struct Option {
        private let exactGain: Float
        private let exactCost: Float
        let row: Int32
        // Both are whole numbers of slots, so Float32 is exact and keeps the table small.
        var gain: Double { @inline(__always) get { Double(exactGain) } }
        var cost: Double { @inline(__always) get { Double(exactCost) } }

        init(gain: Double, cost: Double, row: Int) {
            exactGain = Float(gain)
            exactCost = Float(cost)
            self.row = Int32(truncatingIfNeeded: row)
        }

        @inline(__always) func at(_ row: Int32) -> Option { Option(gain: gain, cost: cost, row: Int(row)) }
    }

    /// The options of each expert in a block of ``optionCapacity``. After the experts comes a filler: shares of 0 for
    /// 17/20 of a slot each. The filler keeps all prices below 0.85, where few counts need a comparison.
    let options: ScratchBuffer<Option>
    /// The number of options of each expert.
    let optionCount: ScratchBuffer<Int32>
    /// The number of the expert's first options whose counts follow one another.
    let sequenceCount: ScratchBuffer<Int32>
    /// The least and the largest cost of each expert that branching allows.
    let leastCost: ScratchBuffer<Double>
    let largestCost: ScratchBuffer<Double>
    /// The count that the last comparison of all counts has added to an expert's options, or 0.
    let extraCount: ScratchBuffer<Double>
    let rowOfBucket: ScratchBuffer<Int32>
    let bucketOfRow: ScratchBuffer<Int32>
    /// A heavy share of each bucket with a row.
    let shareOfBucket: ScratchBuffer<Double>
    /// The heavy shares of the rows, and the costs of the ties, of the last basis.
    let keptShares: ScratchBuffer<Double>
    let keptCosts: ScratchBuffer<Double>
    var rows = 0

    /// The option of each expert. If an expert has several options in the basis, the option that the others are
    /// compared with.
    let chosen: ScratchBuffer<Int32>
    /// The change of coverage at each row by the chosen options.
    let coverage: ScratchBuffer<Double>
    /// For each row, the sum of the prices of that row and all later rows.
    let price: ScratchBuffer<Double>
    /// The change of ``price`` per unit of a step.
    let direction: ScratchBuffer<Double>
    /// The coverage of each row, or the gradient of the squared deficits.
    let sums: ScratchBuffer<Double>
    var basis: CoveringBasis
    /// Whether an option is the second option of a tie.
    let isTied: ScratchBuffer<Bool>
    /// For each expert, the number of its ties.
    let tieCount: ScratchBuffer<Int32>
    let heap: ScratchBuffer<Breakpoint>
    let trial: ScratchBuffer<Int32>
    /// The options that the local search has picked, and their coverage.
    let pick: ScratchBuffer<Int32>
    let pickedCoverage: ScratchBuffer<Double>
    let runShare: ScratchBuffer<Double>
    let runCount: ScratchBuffer<Int32>
    let branches: ScratchBuffer<Branch>
    let restricted: ScratchBuffer<Restriction>
    let savedChoices: ScratchBuffer<Int32>
    let savedRows: ScratchBuffer<Int32>
    let savedTies: ScratchBuffer<CoveringBasis.Tie>
    /// The spare slots plus the worth of all chosen options.
    var worth = 0.0
    /// The work that the simplex method may still do, in pivots of a small basis.
    var workLeft = 0.0

    /// A step length at which another option of an expert becomes the best.
    struct Breakpoint {
        var step: Double
        var rise: Double
        var expert: Int32
        var option: Int32

        @inline(__always) static func comesFirst(_ a: Breakpoint, _ b: Breakpoint) -> Bool { a.step < b.step }
    }

    init(experts: Int, devices: Int) {
        self.experts = experts
        self.devices = devices
        slotCount = 2 * devices
        weights = ScratchBuffer(experts)
        options = ScratchBuffer((experts + 1) * Self.optionCapacity)
        optionCount = ScratchBuffer(experts + 1)
        sequenceCount = ScratchBuffer(experts + 1)
        leastCost = ScratchBuffer(experts + 1)
        largestCost = ScratchBuffer(experts + 1)
        extraCount = ScratchBuffer(experts)
        rowOfBucket = ScratchBuffer(Self.buckets + 1)
        bucketOfRow = ScratchBuffer(Self.buckets + 2)
        shareOfBucket = ScratchBuffer(Self.buckets + 1)
        keptShares = ScratchBuffer(CoveringBasis.capacity)
        keptCosts = ScratchBuffer(2 * CoveringBasis.capacity)
        chosen = ScratchBuffer(experts + 1)
        coverage = ScratchBuffer(Self.buckets + 2)
        price = ScratchBuffer(Self.buckets + 2)
        direction = ScratchBuffer(Self.buckets + 2)
        sums = ScratchBuffer(Self.buckets + 2)
        basis = CoveringBasis()
        isTied = ScratchBuffer((experts + 1) * Self.optionCapacity, repeating: false)
        tieCount = ScratchBuffer(experts + 1, repeating: 0)
        heap = ScratchBuffer(experts + 2)
        counts = ScratchBuffer(experts)
        trial = ScratchBuffer(experts)
        pick = ScratchBuffer(experts)
        pickedCoverage = ScratchBuffer(Self.buckets + 2)
        runShare = ScratchBuffer(experts)
        runCount = ScratchBuffer(experts)
        branches = ScratchBuffer(Self.depth)
        restricted = ScratchBuffer(2 * Self.depth)
        savedChoices = ScratchBuffer(Self.depth * (experts + 1))
        savedRows = ScratchBuffer(Self.depth * CoveringBasis.capacity)
        savedTies = ScratchBuffer(Self.depth * CoveringBasis.capacity)
    }
}
