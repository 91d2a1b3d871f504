import Foundation

extension Error {
    /// The system's description of a file error, such as "No such file or directory".
    package var reason: String {
        if let cause = (self as? CocoaError)?.userInfo[NSUnderlyingErrorKey] as? POSIXError {
            return String(cString: strerror(cause.code.rawValue))
        }
        return switch self {
        case CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile: "No such file or directory"
        case CocoaError.fileReadNoPermission, CocoaError.fileWriteNoPermission: "Permission denied"
        case CocoaError.fileWriteOutOfSpace: "No space left on device"
        case CocoaError.fileWriteFileExists: "File exists"
        case is CocoaError, is POSIXError: localizedDescription
        case let error as any CustomStringConvertible where !(type(of: self) is NSError.Type): error.description
        default: localizedDescription
        }
    }
}
