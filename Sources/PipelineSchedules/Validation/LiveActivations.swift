/// How many activations a rank holds, and the most that it held.
struct LiveActivations {
    private var live = 0
    private(set) var peak = 0

    /// A forward's activation lives from its start; a backward's last part frees it at its end.
    @inline(__always) mutating func count(_ step: Step) {
        let first = Action(bits: step.firstBits)
        if step.firstBits != 0, first.kind == .forward { live += 1 }
        peak = max(peak, live)
        if step.firstBits != 0, first.kind == .backward || first.kind == .weightGradient { live -= 1 }
        if step.isOverlapped, Action(bits: step.secondBits).kind == .backward { live -= 1 }
    }

    /// Nothing is kept for a backward.
    mutating func free() { live = 0 }
}
