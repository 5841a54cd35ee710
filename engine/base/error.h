#pragma once

#include <QJsonArray>
#include <QLatin1StringView>
#include <QString>

namespace skillbox {

/// Why something could not be done, independent of any protocol. One table in server/http turns it
/// into a status, one in app/cli into an exit code.
enum class ErrorCode {
    BadRequest,         ///< malformed argument, name, version or JSON
    InvalidSkill,       ///< SKILL.md or archive breaks a rule
    InvalidInput,       ///< the input does not match the skill's schema
    NotFound,           ///< no such thing in this tenant
    VersionExists,      ///< same name and version, other content
    SkillNotAvailable,  ///< the version exists but is yanked
    NotExecutable,      ///< instructions only: nothing to run
    TooLarge,           ///< over a size, count or depth limit
    Forbidden,          ///< the caller's role does not allow it
    Unauthorized,       ///< no valid key
    Busy,               ///< the queue is full
    RateLimited,        ///< the caller asks too often
    Conflict,           ///< it cannot be done now: the same request is still under way
    UnsupportedMedia,   ///< a body of a type that is not taken
    SecurityScanFailed, ///< the checker found something dangerous
    Cancelled,          ///< the caller gave up
    StorageUnavailable, ///< read-only, full, locked or otherwise unusable store
    StorageTooNew,      ///< the store was written by a newer version
    StorageCorrupt,     ///< what was read is not what was written
    SandboxUnavailable, ///< a required control cannot be applied here
    Io,                 ///< a file or stream the caller named could not be read or written
    Internal,           ///< our fault
};

/// The code's name on the wire and in `--output json`, e.g. `not_found`.
QLatin1StringView errorSlug(ErrorCode code);

/// A predictable failure. `message` is one sentence that may reach a client; `detail` (SQL text,
/// errno, host paths) goes to the log and to `--verbose` only.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    QString message;
    QString detail = {};
    QJsonArray items = {}; ///< for clients: an object per violation or finding; may be empty
    friend bool operator==(const Error &, const Error &) = default;
};

} // namespace skillbox
