internal import CIGZip

/// Unpacks gzip of any number of members, with ISA-L, which streams and is the fastest of what Debian has.
package final class GzipDecoder: StreamDecoder {
    private let state: UnsafeMutablePointer<inflate_state>
    /// Whether the last member is complete, so that the file may end here.
    private var isBetweenMembers = true
    private var members = 0

    package init() {
        state = .allocate(capacity: 1)
        isal_inflate_init(state)
        state.pointee.crc_flag = UInt32(ISAL_GZIP)
    }

    deinit { state.deallocate() }

    package func step(
        _ input: UnsafeMutableBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>
    ) -> DecoderStep {
        if isBetweenMembers {
            guard let first = input.first else { return .finished }
            if members > 0 {
                // Tools pad with zeros, and gzip itself ignores what follows the last member.
                guard first == 0x1F else { return .finished }
                isal_inflate_reset(state)
                state.pointee.crc_flag = UInt32(ISAL_GZIP)
            }
            isBetweenMembers = false
            members += 1
        }
        state.pointee.next_in = input.baseAddress
        state.pointee.avail_in = UInt32(clamping: input.count)
        state.pointee.next_out = output.baseAddress
        state.pointee.avail_out = UInt32(clamping: output.count)
        let outcome = isal_inflate(state)
        let consumed = input.count - Int(state.pointee.avail_in)
        let produced = output.count - Int(state.pointee.avail_out)
        switch outcome {
        case ISAL_DECOMP_OK, ISAL_END_INPUT, ISAL_OUT_OVERFLOW: break
        case ISAL_INCORRECT_CHECKSUM: return .corrupt("its checksum does not match")
        default: return .corrupt("not valid gzip")
        }
        if state.pointee.block_state == ISAL_BLOCK_FINISH { isBetweenMembers = true }
        return .moved(consumed: consumed, produced: produced)
    }
}
