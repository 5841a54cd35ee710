// A zip as bytes: whatever they are, unpacking leaves a sound tree within the limits, or nothing.

#include "tests/fuzz/require.h"

#include "engine/skill/archive.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

namespace fs = std::filesystem;

constexpr ArchiveLimits limits{.archiveBytes = 64 << 10,
                               .unpackedBytes = 256 << 10,
                               .entries = 16,
                               .depth = 6,
                               .pathBytes = 128,
                               .ratio = 100,
                               .ratioFromBytes = 4096};

/// A folder of its own in memory, for one process; removed when the process ends well.
class Scratch
{
public:
    Scratch() : m_archive(memfd_create("fuzz_archive", MFD_CLOEXEC))
    {
        std::string folder = fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
        folder += "/fuzz_archive-XXXXXX";
        FUZZ_REQUIRE(m_archive >= 0 && mkdtemp(folder.data()));
        m_folder = folder;
    }
    ~Scratch() { fs::remove_all(m_folder); }
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;

    QString writeArchive(const uint8_t *data, size_t size) const
    {
        FUZZ_REQUIRE(ftruncate(m_archive, 0) == 0);
        FUZZ_REQUIRE(pwrite(m_archive, data, size, 0) == static_cast<ssize_t>(size));
        return u"/proc/self/fd/%1"_s.arg(m_archive);
    }
    fs::path path(const char *name) const { return m_folder / name; }
    QString text(const char *name) const { return QString::fromStdString(path(name).string()); }
    void clear() const
    {
        for (const auto &entry : fs::directory_iterator(m_folder))
            fs::remove_all(entry.path());
    }
    bool isEmpty() const { return fs::is_empty(m_folder); }

private:
    int m_archive;
    fs::path m_folder;
};

void checkTree(const fs::path &root, const SkillContent &content)
{
    qint64 files = 0;
    qint64 bytes = 0;
    for (const auto &entry : fs::recursive_directory_iterator(root)) {
        struct stat status;
        FUZZ_REQUIRE(lstat(entry.path().c_str(), &status) == 0);
        if (S_ISDIR(status.st_mode)) {
            FUZZ_REQUIRE((status.st_mode & 07777) == 0755);
            continue;
        }
        FUZZ_REQUIRE(S_ISREG(status.st_mode) && status.st_nlink == 1);
        const mode_t mode = status.st_mode & 07777;
        FUZZ_REQUIRE(mode == 0444 || mode == 0555);
        ++files;
        bytes += status.st_size;
    }
    FUZZ_REQUIRE(files == content.files.size() && files <= limits.entries);
    FUZZ_REQUIRE(bytes == content.totalBytes() && bytes <= limits.unpackedBytes);
    FUZZ_REQUIRE(fs::exists(root / "SKILL.md") || fs::exists(root / "skill.md"));
    for (const PackedFile &file : content.files) {
        FUZZ_REQUIRE(file.path.count(u'/') < limits.depth);
        FUZZ_REQUIRE(file.path.toUtf8().size() <= limits.pathBytes);
    }
}

/// Packing leaves these out, so that their content cannot come back.
bool holdsSkippedNames(const SkillContent &content)
{
    for (const PackedFile &file : content.files) {
        const QString path = u'/' + file.path;
        if (path.contains(u"/.git"_s) || path.contains(u"/__pycache__"_s)
            || path.contains(u"node_modules/.cache"_s))
            return true;
    }
    return false;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const Scratch scratch;
    scratch.clear();
    const auto content = unpackArchive(scratch.writeArchive(data, size), scratch.text("out"),
                                       limits);
    if (!content) {
        FUZZ_REQUIRE(!content.error().message.isEmpty());
        FUZZ_REQUIRE(content.error().code == ErrorCode::InvalidSkill
                     || content.error().code == ErrorCode::TooLarge);
        FUZZ_REQUIRE(scratch.isEmpty());
        return 0;
    }
    checkTree(scratch.path("out"), *content);
    if (holdsSkippedNames(*content))
        return 0;
    const auto described = describeDirectory(scratch.text("out"), limits);
    FUZZ_REQUIRE(described && described->digest == content->digest);
    const auto packed = packDirectory(scratch.text("out"), scratch.text("again.zip"), limits);
    if (!packed) {
        FUZZ_REQUIRE(packed.error().code == ErrorCode::TooLarge);
        return 0;
    }
    const auto again = unpackArchive(scratch.text("again.zip"), scratch.text("again"), limits);
    FUZZ_REQUIRE(again && again->digest == content->digest);
    return 0;
}
