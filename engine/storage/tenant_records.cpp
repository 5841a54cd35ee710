#include "engine/storage/tenant_records.h"

using namespace Qt::StringLiterals;

namespace skillbox {

Error storageIsFull(const TenantId &tenant, qint64 used, qint64 limit)
{
    return {.code = ErrorCode::TooLarge,
            .message = u"the tenant \"%1\" would keep %2 bytes with this and may keep %3; delete"
                       u" files or versions, or ask an operator for more"_s.arg(tenant.value)
                           .arg(used)
                           .arg(limit),
            .detail = {},
            .items = {QJsonObject{
                {u"quota"_s, u"storage_bytes"_s}, {u"limit"_s, limit}, {u"used"_s, used}}}};
}

} // namespace skillbox
