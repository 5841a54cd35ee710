#pragma once

namespace skillbox {

/// Lets this process open as many descriptors as it may (getrlimit(2), soft limit towards the hard
/// one): a run takes six, and the usual soft limit of 1024 ends at some 150 runs at once. The soft
/// limit exists for programs that use select(2), which nothing of ours does; runs get the limit of
/// their policy.
void raiseDescriptorLimit();

} // namespace skillbox
