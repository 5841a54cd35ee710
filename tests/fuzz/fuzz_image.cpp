// An image's file as bytes: whatever they are, importing it makes a sound root file system within
// the limits, or leaves nothing; and nothing outside of it changes. A tar is also applied as a
// layer over itself, with whiteouts, because the digests of real layers keep a fuzzer out.

#include "tests/fuzz/require.h"

#include "engine/sandbox/images/image_store.h"
#include "engine/sandbox/images/layer_unpacker.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

namespace fs = std::filesystem;

constexpr ImageLimits limits{.unpackedBytes = 256 << 10,
                             .entries = 64,
                             .depth = 8,
                             .pathBytes = 128,
                             .rootEntries = 16,
                             .layers = 4,
                             .ratio = 100,
                             .ratioFromBytes = 16 << 10,
                             .jsonBytes = 16 << 10,
                             .members = 32};

/// A folder of its own in memory with a file beside the store; removed when the process ends well.
class Place
{
public:
    Place() : m_file(memfd_create("fuzz_image", MFD_CLOEXEC))
    {
        std::string folder = fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
        folder += "/fuzz_image-XXXXXX";
        FUZZ_REQUIRE(m_file >= 0 && mkdtemp(folder.data()));
        m_folder = folder;
        std::ofstream(m_folder / "canary") << "canary";
    }
    ~Place() { fs::remove_all(m_folder); }
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

    QString write(const uint8_t *data, size_t size) const
    {
        FUZZ_REQUIRE(ftruncate(m_file, 0) == 0);
        FUZZ_REQUIRE(pwrite(m_file, data, size, 0) == static_cast<ssize_t>(size));
        return u"/proc/self/fd/%1"_s.arg(m_file);
    }
    fs::path path(const char *name) const { return m_folder / name; }
    QString text(const char *name) const { return QString::fromStdString(path(name).string()); }
    void clear() const
    {
        fs::remove_all(path("images"));
        fs::remove_all(path("layers"));
    }
    /// Nothing but what we put there ourselves.
    void checkOutside() const
    {
        int entries = 0;
        for (const auto &entry : fs::directory_iterator(m_folder)) {
            const std::string name = entry.path().filename();
            FUZZ_REQUIRE(name == "canary" || name == "images" || name == "layers");
            ++entries;
        }
        std::string canary;
        std::getline(std::ifstream(path("canary")), canary);
        FUZZ_REQUIRE(canary == "canary" && entries <= 3);
    }

private:
    int m_file;
    fs::path m_folder;
};

void checkRoot(const fs::path &root, qint64 declaredBytes)
{
    int entries = 0;
    qint64 bytes = 0;
    for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator();
         ++it) {
        struct stat status;
        FUZZ_REQUIRE(lstat(it->path().c_str(), &status) == 0);
        const mode_t mode = status.st_mode & 07777;
        FUZZ_REQUIRE(it.depth() < limits.depth);
        ++entries;
        if (S_ISLNK(status.st_mode))
            continue;
        if (S_ISDIR(status.st_mode)) {
            FUZZ_REQUIRE(mode == 0755);
            continue;
        }
        FUZZ_REQUIRE(S_ISREG(status.st_mode) && (mode == 0644 || mode == 0755));
        bytes += status.st_nlink == 1 ? status.st_size : 0;
    }
    FUZZ_REQUIRE(bytes <= declaredBytes && declaredBytes <= limits.unpackedBytes);
    FUZZ_REQUIRE(entries <= limits.entries * limits.depth * 2);
}

void importIt(const Place &place, const QString &file)
{
    auto store = ImageStore::open(place.text("images"), limits);
    FUZZ_REQUIRE(store);
    const auto imported = (*store)->import({.path = file, .name = u"fuzz:1"_s});
    if (imported) {
        const auto used = (*store)->use(u"fuzz:1"_s);
        FUZZ_REQUIRE(used && used->record.digest == imported->record.digest);
        checkRoot(used->rootDirectory.toStdString(), imported->record.sizeBytes);
        return;
    }
    FUZZ_REQUIRE(!imported.error().message.isEmpty());
    FUZZ_REQUIRE(imported.error().code == ErrorCode::BadRequest
                 || imported.error().code == ErrorCode::TooLarge);
    for (const auto &entry : fs::directory_iterator(place.path("images")))
        FUZZ_REQUIRE(entry.path().filename() == "lock");
}

void applyTwice(const Place &place, const QString &file)
{
    fs::create_directory(place.path("layers"));
    auto source = ImageSource::open(file, place.text("layers"), limits, {});
    if (!source || source->kind() != ImageSource::Kind::RootFileSystem)
        return;
    auto root = RootWriter::create(place.text("layers") + u"/rootfs"_s, limits);
    FUZZ_REQUIRE(root);
    LayerUnpacker unpacker(*source, *root, limits, {}, {});
    for (int layer = 0; layer < 2; ++layer) {
        if (!unpacker.unpack(LayerPlan(), LayerUnpacker::Whiteouts::Apply))
            return;
    }
    checkRoot(place.path("layers") / "rootfs", root->writtenBytes());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const Place place;
    place.clear();
    const QString file = place.write(data, size);
    importIt(place, file);
    applyTwice(place, file);
    place.checkOutside();
    return 0;
}
