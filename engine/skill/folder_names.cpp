#include "engine/skill/folder_names.h"

#include "engine/base/unique_fd.h"
#include "engine/skill/path_rules.h"
#include "engine/base/system_error.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <memory>

namespace skillbox {

using namespace Qt::StringLiterals;

constexpr qsizetype maxNames = 100'000; // a skill has hundreds; bounds our memory

Result<QByteArrayList> namesIn(int folder, QByteArrayView shownAs)
{
    const auto failed = [shownAs] {
        return failedCall(u"cannot list the folder %1"_s.arg(quotedName(shownAs)));
    };
    UniqueFd own(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!own)
        return failed();
    const std::unique_ptr<DIR, int (*)(DIR *)> stream(fdopendir(own.get()), closedir);
    if (!stream)
        return failed();
    (void)own.release(); // closedir closes it

    QByteArrayList names;
    for (;;) {
        errno = 0;
        const dirent *entry = readdir(stream.get());
        if (!entry && errno != 0)
            return failed();
        if (!entry)
            break;
        const QByteArray name(entry->d_name);
        if (name != "." && name != "..")
            names.append(name);
        if (names.size() > maxNames) {
            return fail(ErrorCode::TooLarge,
                        u"the folder %1 holds more than 100000 names"_s.arg(quotedName(shownAs)));
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace skillbox
