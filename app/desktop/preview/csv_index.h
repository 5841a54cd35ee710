#pragma once

#include "app/desktop/preview/csv_reader.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace skillbox {

/// Where the records of a table lie: one mark for some tens of KB, so that a file of 1 GB takes
/// some hundred KB. Built by one thread while others use what is there.
class CsvIndex
{
public:
    CsvIndex(SharedFile file, char separator);

    /// Reads the whole file; on a worker.
    void build(const std::stop_token &stop);

    const SharedFile &file() const { return m_file; }
    char separator() const { return m_separator; }
    qint64 start() const { return m_start; }
    /// Known so far.
    qint64 records() const { return m_records; }
    bool isComplete() const { return m_complete; }
    /// In 1/1000 of the file.
    int progress() const;

    struct Block {
        qint64 offset = 0;
        qint64 firstRecord = 0;
    };
    /// The block that has this record, and where it ends at most; `record` < records().
    struct Place {
        Block block;
        qint64 end = 0;
        int number = 0; ///< of the block
    };
    Place find(qint64 record) const;

    /// A model counts rows in int.
    static constexpr qint64 mostRecords = 2'000'000'000;

private:
    const SharedFile m_file;
    const char m_separator;
    const qint64 m_start;
    std::atomic<qint64> m_records = 0;
    std::atomic<qint64> m_readTo = 0;
    std::atomic<bool> m_complete = false;
    mutable std::mutex m_mutex;
    std::vector<Block> m_blocks;
};

} // namespace skillbox
