internal import CZstd

/// A decoder of Zstandard files with any number of frames.
package final class ZstandardDecoder: StreamDecoder {
    private let context: OpaquePointer?
    /// Whether the last frame is complete, so that the file may end here.
    private var isBetweenFrames = true

    package init() {
        context = ZSTD_createDCtx()
        if let context {
            // A frame may request up to 128 MiB of memory, which is also the limit of the `zstd` program.
            _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
        }
    }

    deinit { ZSTD_freeDCtx(context) }

    package func step(
        _ input: UnsafeMutableBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>
    ) -> DecoderStep {
        guard let context else { return .corrupt("no memory for a decoder") }
        if isBetweenFrames && input.isEmpty { return .finished }
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let outcome = ZSTD_decompressStream(context, &target, &source)
        if ZSTD_isError(outcome) != 0 { return .corrupt(String(cString: ZSTD_getErrorName(outcome))) }
        isBetweenFrames = outcome == 0
        return .moved(consumed: source.pos, produced: target.pos)
    }
}
