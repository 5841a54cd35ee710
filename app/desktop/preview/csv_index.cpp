#include "app/desktop/preview/csv_index.h"

#include <algorithm>

namespace skillbox {
namespace {

constexpr qint64 blockBytes = 64 << 10;
constexpr qint64 blockRecords = 1024;
/// The first rows are published after so many, so that they are seen at once.
constexpr qint64 firstPublished = 256;

} // namespace

CsvIndex::CsvIndex(SharedFile file, char separator)
    : m_file(std::move(file))
    , m_separator(separator)
    , m_start(csvStart(*m_file))
{
}

void CsvIndex::build(const std::stop_token &stop)
{
    Block block{m_start, 0};
    qint64 count = 0;
    readCsv(*m_file, m_separator, m_start, stop, [&](QByteArrayView record, qint64 offset) {
        const bool fresh = count == 0 || offset - block.offset >= blockBytes
            || count - block.firstRecord >= blockRecords;
        if (fresh) {
            block = {offset, count};
            const std::lock_guard lock(m_mutex);
            m_blocks.push_back(block);
        }
        ++count;
        if (fresh || count == firstPublished) {
            // The records before this one: their block is marked.
            m_records = count;
            m_readTo = offset + record.size();
        }
        return count < mostRecords;
    });
    m_records = count;
    m_readTo = m_file->size();
    m_complete = !stop.stop_requested();
}

int CsvIndex::progress() const
{
    return m_file->size() > 0 ? static_cast<int>(m_readTo * 1000 / m_file->size()) : 1000;
}

CsvIndex::Place CsvIndex::find(qint64 record) const
{
    const std::lock_guard lock(m_mutex);
    auto after = std::upper_bound(m_blocks.begin(), m_blocks.end(), record,
                                  [](qint64 wanted, const Block &block) {
                                      return wanted < block.firstRecord;
                                  });
    if (after == m_blocks.begin())
        return {};
    const Block block = *(after - 1);
    // A record that goes over the edge is part of the block where it begins.
    const qint64 end = after == m_blocks.end()
        ? std::min(m_file->size(), block.offset + blockBytes + longestCsvRecord + 2)
        : after->offset;
    return {block, end, static_cast<int>(after - m_blocks.begin()) - 1};
}

} // namespace skillbox
