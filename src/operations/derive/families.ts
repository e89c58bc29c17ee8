/** Which operations belong together, by their names; the first rule that matches counts. */
const RULES: readonly (readonly [family: string, name: RegExp])[] = [
  ['Monitors', /LiveStreamMonitor/],
  ['Casters', /Caster/],
  ['Studios', /Studio/],
  ['Playlists and shows', /Playlist|Show|EditingJobInfo/],
  ['Message groups', /Message|(Mute|Cancel)\w*GroupUser|OnlineUsers|SendLike|UsersInGroup|UsersOnline/],
  [
    'Real-time communication',
    /RTC|Rtc|RTS(?!\w*Transcode)|MPU|Mpu|MixStream|Channel|RoomRealTime|EventSub|Terminals|Grtn|Interaction|BypassDuration/,
  ],
  ['Content checks', /DetectPorn|DetectNotify|AudioAudit|VerifyContent/],
  ['Subtitles and rules by AI', /LiveAI/],
  ['Transcoding', /Transcode|Trancode|CustomTemplate/],
  ['Watermarks', /Water[Mm]ark/],
  ['Snapshots', /Snapshot/],
  ['Recording and time shift', /Record(?!s)|LiveShift|TimeShift|LiveRecordNotify/],
  ['Logs', /Real[Tt]imeLog|RealtimeDelivery|DomainLog/],
  [
    'Pull, push and transfer',
    /Pull|Transfer|StreamMerge|Preload|PushProxy|PrivateLine|PackageConfig|Toutiao/,
  ],
  ['Tags and resource groups', /Tag|ResourceGroup/],
  ['Delay', /Delay(?!ed)/],
  [
    'Usage and statistics',
    /Data$|Data(ByLayer)$|Usage|UserNum|PublishErrorCode|BpsPeak|PeakPublish|TopDomains|BillPrediction|Duration|RateData|UpVideoAudioInfo|UserStreamMetric|IpInfo/,
  ],
  [
    'Stream control',
    /^(Forbid|Resume)LiveStream|StreamBlock|LocationBlock|StreamState|StreamCount|StreamsTotalCount|BlockList|ControlHistory|OnlineList|PublishList|NotifyUrl|NotifyRecords|AuthChecking/,
  ],
  ['Domains', /Domain|Certificate|Staging|MultiStream/],
];

/** The family of a name; every name has one. */
export function familyOf(name: string): string {
  return RULES.find(([, pattern]) => pattern.test(name))?.[0] ?? 'Other';
}
