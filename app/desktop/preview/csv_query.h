#pragma once

#include "app/desktop/preview/csv_index.h"

#include <Qt>

#include <atomic>
#include <vector>

namespace skillbox {

/// What of a table is wanted, and in which order.
struct CsvQuery {
    QString filter;        ///< a part of a cell; A–Z and a–z are alike; empty: all rows
    int filterColumn = -1; ///< -1: any
    int sortColumn = -1;   ///< -1: as they come
    Qt::SortOrder sortOrder = Qt::AscendingOrder;
    bool isEmpty() const { return filter.isEmpty() && sortColumn < 0; }
};

struct CsvAnswer {
    std::vector<quint32> records; ///< the header is none of them
    bool cut = false;             ///< more rows match than are kept
    bool sorted = true;           ///< false: too many rows, or too long ones, to be sorted
};

/// Rows that a filter keeps, rows and bytes of their keys that are sorted: what bounds the memory.
constexpr size_t mostFiltered = 5'000'000;
constexpr size_t mostSorted = 2'000'000;
constexpr size_t mostSortedBytes = 48 << 20;

/// Reads the whole file, on a worker. `progress` gets 1/1000 of the file. Numbers are sorted as
/// numbers where a column has nothing else; empty cells come last.
CsvAnswer answerCsvQuery(const CsvIndex &index, const CsvFormat &format, const CsvQuery &query,
                         const std::stop_token &stop, std::atomic<int> &progress);

} // namespace skillbox
