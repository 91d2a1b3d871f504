/// Returns the version of the C interface. The version rises whenever a function changes or is removed, so that callers
/// can reject a library with another interface.
@_cdecl("contraflow_abi_version")
public func contraflowABIVersion() -> Int32 { 1 }
