#include "server/mcp/protocol_version.h"

using namespace Qt::StringLiterals;

namespace skillbox {

const QStringList &ProtocolVersion::supported()
{
    static const QStringList versions{u"2025-11-25"_s, u"2025-06-18"_s, u"2025-03-26"_s,
                                      u"2024-11-05"_s};
    return versions;
}

ProtocolVersion ProtocolVersion::negotiate(const QString &wanted)
{
    return ProtocolVersion(isSupported(wanted) ? wanted : supported().first());
}

} // namespace skillbox
