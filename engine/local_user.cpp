#include "engine/local_user.h"

#include <pwd.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {

QString localUserName()
{
    const uid_t user = ::geteuid();
    passwd entry{};
    passwd *found = nullptr;
    QByteArray buffer(16 * 1024, Qt::Uninitialized);
    if (::getpwuid_r(user, &entry, buffer.data(), static_cast<size_t>(buffer.size()), &found) == 0
        && found)
        return QString::fromLocal8Bit(found->pw_name);
    return u"uid %1"_s.arg(user);
}

} // namespace skillbox
