/// One operation of a rank on one stage and, for most kinds, one micro-batch.
///
/// The text of an action is `<stage><kind><microbatch>`, such as `0F4` or `7SEND_B1`, as PyTorch's pipelining runtime
/// reads and writes it. An action takes eight bytes, so that schedules of tens of millions of actions fit in memory.
@frozen
public struct Action: Hashable, Sendable {
    /// The largest stage that an action can name.
    public static let maximumStage = 1 << 24 - 1
    /// The largest micro-batch that an action can name.
    public static let maximumMicrobatch = 1 << 32 - 1

    /// The kind in the top byte, the stage in the next three bytes, the micro-batch in the low four. Never zero,
    /// because the kinds start at 1.
    @usableFromInline package let bits: UInt64

    /// An action of `kind` on `stage`, for `microbatch`.
    ///
    /// - Precondition: `stage` and `microbatch` lie in 0 ... `maximumStage` and 0 ... `maximumMicrobatch`, and
    ///   `microbatch` is 0 for a kind that has none.
    @inlinable public init(_ kind: ActionKind, stage: Int, microbatch: Int = 0) {
        precondition(stage >= 0 && stage <= Self.maximumStage, "stage \(stage) is out of range")
        precondition(
            microbatch >= 0 && microbatch <= Self.maximumMicrobatch, "micro-batch \(microbatch) is out of range")
        precondition(kind.hasMicrobatch || microbatch == 0, "\(kind.symbol) has no micro-batch")
        bits = UInt64(kind.rawValue) << 56 | UInt64(stage) << 32 | UInt64(microbatch)
    }

    @inlinable package init(bits: UInt64) { self.bits = bits }

    /// Returns the action of another kind for the same stage and micro-batch.
    @inlinable package func with(_ kind: ActionKind) -> Action {
        Action(kind, stage: stage, microbatch: kind.hasMicrobatch ? microbatch : 0)
    }

    /// The kind of the action.
    @inlinable @inline(__always) public var kind: ActionKind {
        // Every initializer stores a valid kind. A raw value's own initializer is not inlined into other modules.
        switch UInt8(truncatingIfNeeded: bits >> 56) {
        case 1: .forward
        case 2: .backward
        case 3: .inputGradient
        case 4: .weightGradient
        case 5: .sendForward
        case 6: .receiveForward
        case 7: .sendBackward
        case 8: .receiveBackward
        case 9: .unshard
        case 10: .reshard
        default: .reduceGradients
        }
    }

    /// The stage that the action belongs to, counted over all chains.
    @inlinable public var stage: Int { Int(truncatingIfNeeded: bits >> 32 & 0xFF_FFFF) }

    /// The micro-batch, counted from 0 within the stage's chain; 0 if the kind has none.
    @inlinable public var microbatch: Int { Int(truncatingIfNeeded: bits & 0xFFFF_FFFF) }
}

extension Action: CustomStringConvertible {
    /// The action's cell in a CSV, such as `0F4`.
    public var description: String {
        kind.hasMicrobatch ? "\(stage)\(kind.symbol)\(microbatch)" : "\(stage)\(kind.symbol)"
    }
}
