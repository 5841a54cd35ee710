#include "engine/access/tenant_name.h"

#include "engine/base/quoted_name.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype largestTenant = 64;

bool isAsciiAlphanumeric(QChar c)
{
    return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9');
}

} // namespace

Result<void> checkTenantName(const QString &name)
{
    const bool good = !name.isEmpty() && name.size() <= largestTenant
        && isAsciiAlphanumeric(name[0]) && std::all_of(name.begin(), name.end(), [](QChar c) {
               return isAsciiAlphanumeric(c) || c == u'.' || c == u'_' || c == u'-';
           });
    if (good)
        return {};
    return fail(ErrorCode::BadRequest,
                u"a tenant is named by at most %1 letters, digits, dots, underscores and hyphens,"
                u" a letter or digit first; this is not one: %2"_s.arg(largestTenant)
                    .arg(quotedName(name)));
}

} // namespace skillbox
