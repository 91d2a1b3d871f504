internal import CISAL

/// A decoder of gzip files with any number of members. It uses ISA-L, which decodes streams and is the fastest gzip
/// decoder that Debian packages.
package final class GzipDecoder: StreamDecoder {
    /// The part of a file that the next byte belongs to.
    private enum Position {
        case betweenMembers
        case header
        case content
    }

    private let state: UnsafeMutablePointer<inflate_state>
    /// The member's header, kept between steps: `isal_inflate` itself reads only a header that arrives in one part.
    private var header = isal_gzip_header()
    private var position = Position.betweenMembers
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
        if position == .betweenMembers {
            // Some tools pad files with zeros, and gzip itself ignores bytes after the last member.
            guard let first = input.first, members == 0 || first == 0x1F else { return .finished }
            beginMember()
        }
        // ISA-L counts bytes in 32 bits, so one step takes and writes at most 4 GiB.
        let (available, room) = (UInt32(clamping: input.count), UInt32(clamping: output.count))
        state.pointee.next_in = input.baseAddress
        state.pointee.avail_in = available
        state.pointee.next_out = output.baseAddress
        state.pointee.avail_out = room
        switch decode() {
        case ISAL_DECOMP_OK, ISAL_END_INPUT, ISAL_OUT_OVERFLOW: break
        case ISAL_INCORRECT_CHECKSUM: return .corrupt("its checksum does not match")
        // After an error, `avail_in` may have wrapped around.
        default: return .corrupt("not valid gzip")
        }
        if state.pointee.block_state == ISAL_BLOCK_FINISH { position = .betweenMembers }
        return .moved(
            consumed: Int(available) - Int(state.pointee.avail_in), produced: Int(room) - Int(state.pointee.avail_out))
    }

    private func beginMember() {
        if members > 0 {
            isal_inflate_reset(state)
            state.pointee.crc_flag = UInt32(ISAL_GZIP)
        }
        isal_gzip_header_init(&header)
        position = .header
        members += 1
    }

    /// Reads the rest of the header, if there is any, then content. Returns ISA-L's outcome.
    private func decode() -> Int32 {
        if position == .header {
            let outcome = isal_read_gzip_header(state, &header)
            guard outcome == ISAL_DECOMP_OK else { return outcome }
            position = .content
        }
        return isal_inflate(state)
    }
}
