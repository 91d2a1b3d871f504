/// A search of one layer's assignments of groups to nodes; see ``HierarchyPlanner``.
struct AssignmentSearch {
    private let planner: HierarchyPlanner
    private let loads: UnsafeBufferPointer<Double>
    /// The best plans so far, one per node.
    private(set) var plans: [HierarchyPlanner.NodePlan]
    /// A lower bound on the longest time of all assignments.
    private(set) var bound: Double

    init(
        planner: HierarchyPlanner, loads: UnsafeBufferPointer<Double>, plans: [HierarchyPlanner.NodePlan], bound: Double
    ) {
        self.planner = planner
        self.loads = loads
        self.plans = plans
        self.bound = bound
    }

    private var longestTime: Double { HierarchyPlanner.longestTime(plans) }

    /// Improves ``plans`` and ``bound`` until their ratio is at most `tolerance` or the permitted work is done.
    mutating func run(tolerance: Double) {
        bound = max(bound, planner.boundWithoutGroups(loads))
        if longestTime > bound * tolerance { raiseBoundByGroups() }
        if longestTime > bound * tolerance { balanceNodes() }
        guard longestTime > bound * tolerance else { return }
        if let assignments = planner.assignments {
            examine(assignments, tolerance)
        } else {
            swapGroups(tolerance)
        }
    }

    /// Raises the bound by the best balance of the nodes' loads, and tries its assignment.
    private mutating func balanceNodes() {
        let (assignment, bound) = planner.betterBalanced(loads)
        self.bound = max(self.bound, bound)
        guard let assignment else { return }
        let candidate = zip(planner.nodes, assignment).map {
            planner.plan($0, $1, loads, outerBound: self.bound)
        }
        if HierarchyPlanner.longestTime(candidate) < longestTime { plans = candidate }
    }

    /// Examines the assignment with the least bound again and again. If the assignment's nodes have no plans yet, their
    /// bounds are raised: first by ``LayerPacking/lowerBound(allowsDuplicates:)``, then by a plan.
    private mutating func examine(_ start: GroupAssignments, _ tolerance: Double) {
        var assignments = start
        let boundsAllSets = planner.effort == .thorough || assignments.sets.count <= 64
        var planOfSet = [[Int: HierarchyPlanner.NodePlan]](repeating: [:], count: planner.classes.count)
        var isBounded = assignments.bounds.map { $0.map { _ in false } }
        func raiseBound(_ index: Int, _ set: Int) {
            let bound = planner.bound(planner.classes[index], assignments.sets[set], loads)
            assignments.bounds[index][set] = max(assignments.bounds[index][set], bound)
            isBounded[index][set] = true
        }
        let loadOfGroup = planner.loadsOfGroups(loads)
        for (set, groups) in assignments.sets.enumerated() {
            let load = groups.reduce(0) { $0 + loadOfGroup[$1] }
            for (index, node) in planner.classes.enumerated() {
                assignments.bounds[index][set] = load / node.speed * (1 - 1e-12)
                if boundsAllSets, load / node.speed < longestTime { raiseBound(index, set) }
            }
        }
        func keep(_ plan: HierarchyPlanner.NodePlan, _ index: Int, _ set: Int) {
            planOfSet[index][set] = plan
            isBounded[index][set] = true
            assignments.bounds[index][set] = max(assignments.bounds[index][set], plan.bound)
        }
        for (index, plan) in zip(planner.classOfNode, plans) {
            if let set = assignments.indexOfSet[plan.groups] { keep(plan, index, set) }
        }
        var steps = planner.effort == .quick ? 40_000 : 5_000_000
        var plansLeft = planner.isSmall && planner.effort == .thorough ? 1000 : 16
        while longestTime > bound * tolerance, plansLeft > 0 {
            let best = assignments.best(below: longestTime, steps: &steps)
            bound = max(bound, best.bound)
            guard let assignment = best.assignment else { return }
            let pairs = Array(zip(planner.classOfNode, assignment))
            let unbounded = pairs.filter { !isBounded[$0][$1] }
            let unplanned = pairs.filter { planOfSet[$0][$1] == nil }
            for (index, set) in unbounded { raiseBound(index, set) }
            if !unbounded.isEmpty { continue }
            for (index, set) in unplanned {
                keep(planner.plan(planner.classes[index], assignments.sets[set], loads, outerBound: bound), index, set)
                plansLeft -= 1
            }
            let candidate = pairs.compactMap { planOfSet[$0][$1] }
            if HierarchyPlanner.longestTime(candidate) < longestTime {
                plans = candidate
            } else if unplanned.isEmpty {
                return
            }
        }
    }

    /// Raises the bound by the nodes that hold the group with the most load or with the heaviest expert. The other
    /// groups of such a node are at least as heavy as the lightest experts.
    private mutating func raiseBoundByGroups() {
        let size = planner.groupSize
        let heaviest = loads.indices.max { loads[$0] < loads[$1] } ?? 0
        let loadOfGroup = planner.loadsOfGroups(loads)
        let fullest = loadOfGroup.indices.max { loadOfGroup[$0] < loadOfGroup[$1] } ?? 0
        for group in Set([heaviest / size, fullest]) {
            let own = group * size..<(group + 1) * size
            let others = loads.indices.filter { !own.contains($0) }.map { loads[$0] }.sorted()
            let least = planner.classes.map { node in
                for (index, weight) in (Array(loads[own]) + others).prefix(node.packing.experts).enumerated() {
                    node.packing.weights[index] = weight
                }
                return node.packing.lowerBound(allowsDuplicates: planner.allowsDuplicates)
            }
            bound = max(bound, least.min() ?? 0)
        }
    }

    /// Swaps groups of the node with the longest time with groups of other nodes, as long as this helps.
    private mutating func swapGroups(_ tolerance: Double) {
        for _ in 0..<(planner.effort == .quick ? 2 : 16) where longestTime > bound * tolerance {
            guard swapBest() else { return }
        }
    }

    /// Makes the swap with the least bound. Returns false if it does not help.
    private mutating func swapBest() -> Bool {
        let longest = longestTime
        guard let worst = plans.indices.max(by: { plans[$0].longestTime < plans[$1].longestTime }) else { return false }
        var best = (bound: longest * (1 - ExactSearch.precision), other: -1, own: [Int](), theirs: [Int]())
        for other in plans.indices where other != worst {
            for given in plans[worst].groups {
                for taken in plans[other].groups {
                    let own = (plans[worst].groups.filter { $0 != given } + [taken]).sorted()
                    let theirs = (plans[other].groups.filter { $0 != taken } + [given]).sorted()
                    let value = max(
                        planner.bound(planner.nodes[worst], own, loads),
                        planner.bound(planner.nodes[other], theirs, loads))
                    if value < best.bound { best = (value, other, own, theirs) }
                }
            }
        }
        guard best.other >= 0 else { return false }
        let own = planner.plan(planner.nodes[worst], best.own, loads, outerBound: bound)
        let theirs = planner.plan(planner.nodes[best.other], best.theirs, loads, outerBound: bound)
        guard max(own.longestTime, theirs.longestTime) < longest * (1 - ExactSearch.precision) else { return false }
        plans[worst] = own
        plans[best.other] = theirs
        return true
    }
}
