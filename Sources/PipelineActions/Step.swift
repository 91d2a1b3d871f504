/// One entry in the row of a rank: one action, two overlapped actions, or none.
///
/// The text of a step is that of its action, `(0F4;7B1)OVERLAP_F_B` for an overlapped pair, and empty for an idle step.
@frozen
public struct Step: Hashable, Sendable {
    @usableFromInline package let firstBits: UInt64
    @usableFromInline package let secondBits: UInt64

    /// A step in which the rank is idle. Its cell in a CSV is empty.
    public static let idle = Step(firstBits: 0, secondBits: 0)

    /// A step of one action.
    @inlinable public init(_ action: Action) { self.init(firstBits: action.bits, secondBits: 0) }

    /// A step in which `forward` and `backward` run together, as DualPipe's overlapped pairs do.
    @inlinable public init(overlapping forward: Action, with backward: Action) {
        self.init(firstBits: forward.bits, secondBits: backward.bits)
    }

    @inlinable package init(firstBits: UInt64, secondBits: UInt64) {
        self.firstBits = firstBits
        self.secondBits = secondBits
    }

    /// The only action, or the first of an overlapped pair; nil if the step is idle.
    @inlinable public var first: Action? { firstBits == 0 ? nil : Action(bits: firstBits) }

    /// The second action of an overlapped pair; nil for any other step.
    @inlinable public var second: Action? { secondBits == 0 ? nil : Action(bits: secondBits) }

    /// Whether two actions overlap in this step.
    @inlinable public var isOverlapped: Bool { secondBits != 0 }

    /// The number of actions in the step: 0, 1 or 2.
    @inlinable public var actionCount: Int { (firstBits == 0 ? 0 : 1) + (secondBits == 0 ? 0 : 1) }

    /// Calls `body` with each of the step's actions, in order.
    @inlinable public func forEachAction<Failure>(_ body: (Action) throws(Failure) -> Void) throws(Failure) {
        if let first { try body(first) }
        if let second { try body(second) }
    }
}

extension Step: CustomStringConvertible {
    /// The step's cell in a CSV.
    public var description: String {
        guard let first else { return "" }
        guard let second else { return first.description }
        return "(\(first);\(second))OVERLAP_F_B"
    }
}
