#include "engine/access/role.h"

#include <array>

namespace skillbox {
namespace {

constexpr std::array allRoles{Role::Reader, Role::Runner, Role::Publisher, Role::Admin,
                              Role::Auditor};

} // namespace

bool allows(Role role, Permission permission)
{
    switch (permission) {
    case Permission::Read: return true;
    case Permission::Run:
        return role == Role::Runner || role == Role::Publisher || role == Role::Admin;
    case Permission::Publish: return role == Role::Publisher || role == Role::Admin;
    case Permission::Administer: return role == Role::Admin;
    case Permission::Audit: return role == Role::Auditor || role == Role::Admin;
    }
    return false;
}

QLatin1StringView roleName(Role role)
{
    switch (role) {
    case Role::Reader: return QLatin1StringView("reader");
    case Role::Runner: return QLatin1StringView("runner");
    case Role::Publisher: return QLatin1StringView("publisher");
    case Role::Admin: return QLatin1StringView("admin");
    case Role::Auditor: break;
    }
    return QLatin1StringView("auditor");
}

std::optional<Role> roleFromName(QStringView name)
{
    for (const Role role : allRoles) {
        if (name == roleName(role))
            return role;
    }
    return std::nullopt;
}

} // namespace skillbox
