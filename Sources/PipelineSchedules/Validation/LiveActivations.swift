/// The number of activations that a rank holds, and the peak of that number.
struct LiveActivations {
    private var live = 0
    private(set) var peak = 0

    /// Counts the activations of a step. An activation lives from the start of its forward to the end of the last part
    /// of its backward.
    @inline(__always) mutating func count(_ step: Step) {
        let first = Action(bits: step.firstBits)
        if step.firstBits != 0, first.kind == .forward { live += 1 }
        peak = max(peak, live)
        if step.firstBits != 0, first.kind == .backward || first.kind == .weightGradient { live -= 1 }
        if step.isOverlapped, Action(bits: step.secondBits).kind == .backward { live -= 1 }
    }

    /// Frees all activations. An evaluation keeps none for a backward.
    mutating func free() { live = 0 }
}
