#include "engine/base/error.h"

namespace skillbox {

QLatin1StringView errorSlug(ErrorCode code)
{
    switch (code) {
    case ErrorCode::BadRequest: return QLatin1StringView("bad_request");
    case ErrorCode::InvalidSkill: return QLatin1StringView("invalid_skill");
    case ErrorCode::InvalidInput: return QLatin1StringView("invalid_input");
    case ErrorCode::NotFound: return QLatin1StringView("not_found");
    case ErrorCode::VersionExists: return QLatin1StringView("version_exists");
    case ErrorCode::SkillNotAvailable: return QLatin1StringView("skill_not_available");
    case ErrorCode::NotExecutable: return QLatin1StringView("not_executable");
    case ErrorCode::TooLarge: return QLatin1StringView("too_large");
    case ErrorCode::Forbidden: return QLatin1StringView("forbidden");
    case ErrorCode::Unauthorized: return QLatin1StringView("unauthorized");
    case ErrorCode::Busy: return QLatin1StringView("busy");
    case ErrorCode::RateLimited: return QLatin1StringView("rate_limited");
    case ErrorCode::Conflict: return QLatin1StringView("conflict");
    case ErrorCode::UnsupportedMedia: return QLatin1StringView("unsupported_media_type");
    case ErrorCode::SecurityScanFailed: return QLatin1StringView("security_scan_failed");
    case ErrorCode::Cancelled: return QLatin1StringView("cancelled");
    case ErrorCode::StorageUnavailable: return QLatin1StringView("storage_unavailable");
    case ErrorCode::StorageTooNew: return QLatin1StringView("storage_too_new");
    case ErrorCode::StorageCorrupt: return QLatin1StringView("storage_corrupt");
    case ErrorCode::SandboxUnavailable: return QLatin1StringView("sandbox_unavailable");
    case ErrorCode::Io: return QLatin1StringView("io_error");
    case ErrorCode::Internal: break;
    }
    return QLatin1StringView("internal");
}

} // namespace skillbox
