internal import CISAL
package import Foundation

/// An encoder of the gzip format. It uses ISA-L.
package enum GzipEncoder {
    /// Returns one gzip member that holds `data`.
    package static func encode(_ data: Data) -> Data {
        let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        isal_deflate_init(stream)
        stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
        stream.pointee.end_of_stream = 1
        var input = [UInt8](data)
        precondition(input.count <= UInt32.max, "a member holds at most 4 GiB")
        var output = Data()
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            chunk.withUnsafeMutableBufferPointer { chunk in
                repeat {
                    stream.pointee.next_out = chunk.baseAddress
                    stream.pointee.avail_out = UInt32(chunk.count)
                    // `isal_deflate` fails only if its parameters are wrong.
                    _ = isal_deflate(stream)
                    output.append(contentsOf: chunk.prefix(chunk.count - Int(stream.pointee.avail_out)))
                } while stream.pointee.avail_out == 0
            }
        }
        return output
    }
}
